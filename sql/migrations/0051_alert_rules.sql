-- Alerts of one's own: rules and watchlists as rows, what is remembered of each rule, acknowledgements; and a number for
-- every alert, so that one can be named.

CREATE TABLE IF NOT EXISTS watchlists (
    watchlist_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CHECK (name = btrim(name) AND length(name) BETWEEN 1 AND 64),
    note text,
    created_by text NOT NULL DEFAULT 'sql',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX IF NOT EXISTS watchlists_by_name ON watchlists (lower(name));
COMMENT ON TABLE watchlists IS 'Lists of symbols of one''s own: what pages show and alert rules watch. Rows are of the alert rules'' functions, alphapulse watchlists, or the API.';
COMMENT ON COLUMN watchlists.watchlist_id IS 'Key.';
COMMENT ON COLUMN watchlists.name IS 'Its name, unique whatever the letters'' case.';
COMMENT ON COLUMN watchlists.note IS 'In somebody''s own words.';
COMMENT ON COLUMN watchlists.created_by IS 'Who made it: cli, sql, or the name of an API key.';
COMMENT ON COLUMN watchlists.created_at IS 'When it was made.';
COMMENT ON COLUMN watchlists.updated_at IS 'When it, or its symbols, last changed.';

CREATE TABLE IF NOT EXISTS watchlist_symbols (
    watchlist_id integer NOT NULL REFERENCES watchlists (watchlist_id) ON DELETE CASCADE,
    instrument_id integer NOT NULL REFERENCES instruments (instrument_id),
    position integer NOT NULL DEFAULT 0,
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (watchlist_id, instrument_id)
);
COMMENT ON TABLE watchlist_symbols IS 'The symbols of watchlists.';
COMMENT ON COLUMN watchlist_symbols.watchlist_id IS 'Watchlist (watchlists).';
COMMENT ON COLUMN watchlist_symbols.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN watchlist_symbols.position IS 'Its place in the list, the smallest first.';
COMMENT ON COLUMN watchlist_symbols.added_at IS 'When it was added.';

CREATE TABLE IF NOT EXISTS alert_rules (
    rule_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CHECK (name = btrim(name) AND length(name) BETWEEN 1 AND 64),
    scope text NOT NULL CHECK (scope IN ('symbol', 'watchlist', 'tracked')),
    instrument_id integer REFERENCES instruments (instrument_id),
    watchlist_id integer REFERENCES watchlists (watchlist_id),
    expression text NOT NULL CHECK (length(expression) BETWEEN 1 AND 2000),
    reads text[],
    evaluator text CHECK (evaluator IN ('stream', 'poller', 'watch')),
    problem text,
    mode text NOT NULL DEFAULT 'crossing' CHECK (mode IN ('crossing', 'level')),
    cool_down interval NOT NULL DEFAULT '0',
    severity text NOT NULL DEFAULT 'warning' CHECK (severity IN ('info', 'warning', 'critical')),
    expires_at timestamptz,
    sinks text[],
    enabled boolean NOT NULL DEFAULT true,
    revision integer NOT NULL DEFAULT 1,
    created_by text NOT NULL DEFAULT 'sql',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT alert_rules_one_scope CHECK (
        (scope = 'symbol') = (instrument_id IS NOT NULL) AND (scope = 'watchlist') = (watchlist_id IS NOT NULL)
    ),
    CONSTRAINT alert_rules_level_rests CHECK (
        cool_down >= INTERVAL '0' AND (mode = 'crossing' OR cool_down >= INTERVAL '1 minute')
    )
);
CREATE UNIQUE INDEX IF NOT EXISTS alert_rules_by_name ON alert_rules (lower(name));
COMMENT ON TABLE alert_rules IS 'Alert rules of one''s own; docs/alerts.md tells what can be written. Made by create_alert_rule, alphapulse alerts rules add, or the API; who evaluates them notices a change within a second or, where it is the watch, half a minute.';
COMMENT ON COLUMN alert_rules.rule_id IS 'Key.';
COMMENT ON COLUMN alert_rules.name IS 'Its name, unique whatever the letters'' case; alerts are titled with it.';
COMMENT ON COLUMN alert_rules.scope IS 'symbol: one instrument; watchlist: each of a watchlist; tracked: each tracked symbol.';
COMMENT ON COLUMN alert_rules.instrument_id IS 'The instrument; null unless the scope is symbol.';
COMMENT ON COLUMN alert_rules.watchlist_id IS 'The watchlist; null unless the scope is watchlist.';
COMMENT ON COLUMN alert_rules.expression IS 'The condition.';
COMMENT ON COLUMN alert_rules.reads IS 'Fields that it reads, with their timeframe; null until somebody has read the expression.';
COMMENT ON COLUMN alert_rules.evaluator IS 'Who evaluates it: stream, poller or watch; null until somebody has read the expression, or where it cannot be read.';
COMMENT ON COLUMN alert_rules.problem IS 'Why it is not evaluated, such as an expression that cannot be read; null where it is.';
COMMENT ON COLUMN alert_rules.mode IS 'crossing: it fires when the condition becomes true; level: as long as it is true, once in a cool-down.';
COMMENT ON COLUMN alert_rules.cool_down IS 'How long after it fired for an instrument it does not fire for that one again.';
COMMENT ON COLUMN alert_rules.severity IS 'Severity of its alerts: info, warning or critical.';
COMMENT ON COLUMN alert_rules.expires_at IS 'From when on it does not fire any more; null: never.';
COMMENT ON COLUMN alert_rules.sinks IS 'Names of the sinks that its alerts are sent to (ALPHAPULSE_ALERTS__SINKS__...); null: all; empty: none, they are only stored.';
COMMENT ON COLUMN alert_rules.enabled IS 'Whether it is evaluated.';
COMMENT ON COLUMN alert_rules.revision IS 'Counts the changes of what it asks: expression, scope or mode. What was remembered of an older one is forgotten.';
COMMENT ON COLUMN alert_rules.created_by IS 'Who made it: cli, sql, or the name of an API key.';
COMMENT ON COLUMN alert_rules.created_at IS 'When it was made.';
COMMENT ON COLUMN alert_rules.updated_at IS 'When it was last changed.';

CREATE TABLE IF NOT EXISTS alert_rule_states (
    rule_id integer NOT NULL REFERENCES alert_rules (rule_id) ON DELETE CASCADE,
    instrument_id integer NOT NULL REFERENCES instruments (instrument_id),
    revision integer NOT NULL,
    moves bigint NOT NULL,
    truth boolean,
    sides boolean[] NOT NULL DEFAULT '{}',
    read jsonb NOT NULL DEFAULT '{}',
    evaluated_at timestamptz NOT NULL,
    fired_at timestamptz,
    held_back integer NOT NULL DEFAULT 0,
    PRIMARY KEY (rule_id, instrument_id)
);
COMMENT ON TABLE alert_rule_states IS 'What is remembered of a rule and an instrument, written in the transaction of the alert: a crossing survives a restart and never fires twice.';
COMMENT ON COLUMN alert_rule_states.rule_id IS 'Rule (alert_rules).';
COMMENT ON COLUMN alert_rule_states.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN alert_rule_states.revision IS 'Revision of the rule that it is of.';
COMMENT ON COLUMN alert_rule_states.moves IS 'Counts its changes: who writes the next one has to know the last.';
COMMENT ON COLUMN alert_rule_states.truth IS 'Whether the condition held, when that was last known; null: never yet.';
COMMENT ON COLUMN alert_rule_states.sides IS 'For each crosses_above (crosses_below) of the expression, whether the left value was above (below) the right one.';
COMMENT ON COLUMN alert_rule_states.read IS 'What was read when this last changed, by field.';
COMMENT ON COLUMN alert_rule_states.evaluated_at IS 'When this last changed, by our clock. When the rule was last looked at is in alert_rule_looks.';
COMMENT ON COLUMN alert_rule_states.fired_at IS 'When it last fired, by our clock; null: never.';
COMMENT ON COLUMN alert_rule_states.held_back IS 'How often the cool-down has held it back since.';

CREATE TABLE IF NOT EXISTS alert_rule_looks (
    rule_id integer NOT NULL REFERENCES alert_rules (rule_id) ON DELETE CASCADE,
    evaluator text NOT NULL,
    looked_at timestamptz NOT NULL,
    looks bigint NOT NULL,
    unknown bigint NOT NULL,
    PRIMARY KEY (rule_id, evaluator)
);
COMMENT ON TABLE alert_rule_looks IS 'When each rule was last looked at and by whom, written every ten seconds: a rule without a fresh row is evaluated by nobody.';
COMMENT ON COLUMN alert_rule_looks.rule_id IS 'Rule (alert_rules).';
COMMENT ON COLUMN alert_rule_looks.evaluator IS 'Who looked: poller, watch, or stream with the shard, as stream 1/2.';
COMMENT ON COLUMN alert_rule_looks.looked_at IS 'When it was last looked at, by our clock.';
COMMENT ON COLUMN alert_rule_looks.looks IS 'How often it was looked at between this row and the one before, over all its instruments.';
COMMENT ON COLUMN alert_rule_looks.unknown IS 'How often of these it could not be told, as a field was not known.';

CREATE TABLE IF NOT EXISTS alert_rules_version (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version bigint NOT NULL
);
INSERT INTO alert_rules_version (version) VALUES (1) ON CONFLICT DO NOTHING;
COMMENT ON TABLE alert_rules_version IS 'Counts changes of rules and watchlists: by it their evaluators notice that they have to read them again.';
COMMENT ON COLUMN alert_rules_version.only_row IS 'There is one row.';
COMMENT ON COLUMN alert_rules_version.version IS 'How many changes there were.';

CREATE SEQUENCE IF NOT EXISTS alert_ids;
ALTER TABLE order_book_alerts ADD COLUMN IF NOT EXISTS alert_id bigint NOT NULL DEFAULT nextval('alert_ids');
ALTER TABLE market_alerts ADD COLUMN IF NOT EXISTS alert_id bigint NOT NULL DEFAULT nextval('alert_ids');
CREATE UNIQUE INDEX IF NOT EXISTS order_book_alerts_by_id ON order_book_alerts (alert_id);
CREATE UNIQUE INDEX IF NOT EXISTS market_alerts_by_id ON market_alerts (alert_id);
COMMENT ON COLUMN order_book_alerts.alert_id IS 'Its number, among all alerts of the view alerts.';
COMMENT ON COLUMN market_alerts.alert_id IS 'Its number, among all alerts of the view alerts.';

ALTER TABLE order_book_alerts ADD COLUMN IF NOT EXISTS rule_id integer;
CREATE INDEX IF NOT EXISTS order_book_alerts_by_rule ON order_book_alerts (rule_id, ts) WHERE rule_id IS NOT NULL;
COMMENT ON COLUMN order_book_alerts.rule_id IS 'Rule of one''s own that fired (alert_rules), which may be removed since; null of all other kinds.';
ALTER TABLE order_book_alerts DROP CONSTRAINT IF EXISTS order_book_alerts_kind_check;
ALTER TABLE order_book_alerts ADD CONSTRAINT order_book_alerts_kind_check
CHECK (kind IN ('imbalance', 'whale', 'sweep', 'book_stale', 'signal', 'book_lagging', 'trades_silent',
    'candles_silent', 'subscription_refused', 'clock_offset', 'liquidation_cascade', 'rule'));
COMMENT ON COLUMN order_book_alerts.kind IS 'imbalance, whale, sweep, signal, liquidation_cascade; rule: of a rule of one''s own; of streams: book_stale, book_lagging, trades_silent, candles_silent, subscription_refused, clock_offset (filed under one symbol of its venue).';

CREATE TABLE IF NOT EXISTS alert_acknowledgements (
    alert_id bigint NOT NULL,
    acknowledged_by text NOT NULL,
    acknowledged_at timestamptz NOT NULL DEFAULT now(),
    note text,
    PRIMARY KEY (alert_id, acknowledged_by)
);
COMMENT ON TABLE alert_acknowledgements IS 'Who has seen an alert, and said so.';
COMMENT ON COLUMN alert_acknowledgements.alert_id IS 'Alert (alerts).';
COMMENT ON COLUMN alert_acknowledgements.acknowledged_by IS 'Who: cli, sql, or the name of an API key.';
COMMENT ON COLUMN alert_acknowledgements.acknowledged_at IS 'When, by our clock.';
COMMENT ON COLUMN alert_acknowledgements.note IS 'In somebody''s own words.';

-- what a receiver said; and, as alerts go to several sinks now, what became of those of collectors at each
ALTER TABLE alert_deliveries ADD COLUMN IF NOT EXISTS answer text;
ALTER TABLE platform_alert_deliveries ADD COLUMN IF NOT EXISTS answer text;
ALTER TABLE market_alerts ADD COLUMN IF NOT EXISTS deliveries jsonb;
COMMENT ON COLUMN alert_deliveries.answer IS 'What the receiver said when it arrived, 200 characters at most; null where it did not arrive.';
COMMENT ON COLUMN platform_alert_deliveries.answer IS 'What the receiver said when it arrived, 200 characters at most; null where it did not arrive.';
COMMENT ON COLUMN market_alerts.deliveries IS 'Outcome, attempts, error and answer by sink; null where there are none.';
CREATE INDEX IF NOT EXISTS alert_deliveries_by_time ON alert_deliveries (settled_at);
