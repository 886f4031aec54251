-- What came of signals: states with their times, returns, excursions; how signals did beside chance, and what following
-- them would have made of an account. ts of an outcome is that of its signal; rows carry the versions of both rules.

CREATE TABLE IF NOT EXISTS signal_outcome_events (
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    logic_version integer NOT NULL,
    configuration_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    signal text NOT NULL,
    side text NOT NULL,
    trigger text NOT NULL,
    regime text,
    told_at timestamptz NOT NULL,
    planned_entry double precision NOT NULL,
    stop double precision,
    target double precision,
    expires_at timestamptz NOT NULL,
    size double precision,
    state text NOT NULL,
    entry_at timestamptz,
    entry double precision,
    closed_at timestamptz,
    exit double precision,
    bars bigint,
    ambiguous boolean,
    resolution text,
    gross_pct double precision,
    cost_pct double precision,
    gross_r double precision,
    cost_r double precision,
    favourable_pct double precision,
    adverse_pct double precision,
    favourable_r double precision,
    adverse_r double precision,
    remark text,
    signal_version integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, timeframe_id, ts, logic_version, configuration_version)
);
COMMENT ON TABLE signal_outcome_events IS 'What came of each signal that is not neutral, entered at the next bar''s open. Old versions stay. The view signal_outcomes shows those of the signals shown.';
COMMENT ON COLUMN signal_outcome_events.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN signal_outcome_events.timeframe_id IS 'Length of the bars (timeframes).';
COMMENT ON COLUMN signal_outcome_events.ts IS 'Open time of the bar whose close told the signal.';
COMMENT ON COLUMN signal_outcome_events.logic_version IS 'Version of the rules that followed it; below 0: a trial beside them.';
COMMENT ON COLUMN signal_outcome_events.configuration_version IS 'Configuration of the signal, and of the costs (pattern_configurations).';
COMMENT ON COLUMN signal_outcome_events.known_at IS 'Close of the bar that decided. While open: close of the bar of the entry, and before there is one, when the signal was known.';
COMMENT ON COLUMN signal_outcome_events.signal IS 'strong_buy, buy, weak_buy, weak_sell, sell or strong_sell.';
COMMENT ON COLUMN signal_outcome_events.side IS 'buy or sell.';
COMMENT ON COLUMN signal_outcome_events.trigger IS 'The pattern that gave the signal.';
COMMENT ON COLUMN signal_outcome_events.regime IS 'Trend at the signal''s bar (market_regimes.trend): up, down or range; null where not told.';
COMMENT ON COLUMN signal_outcome_events.told_at IS 'When the signal was known: the close of its bar.';
COMMENT ON COLUMN signal_outcome_events.planned_entry IS 'Entry that the plan was made for: the close of the signal''s bar, in quote units.';
COMMENT ON COLUMN signal_outcome_events.stop IS 'Price at which the signal is wrong, in quote units; null of a signal without a plan.';
COMMENT ON COLUMN signal_outcome_events.target IS 'Price it aims at, in quote units; null likewise.';
COMMENT ON COLUMN signal_outcome_events.expires_at IS 'When its time is over.';
COMMENT ON COLUMN signal_outcome_events.size IS 'Size of the position, in base units; null without a plan.';
COMMENT ON COLUMN signal_outcome_events.state IS 'open, stopped, target, expired, or closed by a later signal the other way.';
COMMENT ON COLUMN signal_outcome_events.entry_at IS 'Open time of the first bar after the signal; null before there is one.';
COMMENT ON COLUMN signal_outcome_events.entry IS 'Open of that bar, in quote units: where it is entered.';
COMMENT ON COLUMN signal_outcome_events.closed_at IS 'When it was left: at the open of a bar where that jumped over a level or came too late, else at the close of the bar that decided. This and what follows is null while open.';
COMMENT ON COLUMN signal_outcome_events.exit IS 'Price at which it was left, in quote units; null of one that was over before a bar could enter it.';
COMMENT ON COLUMN signal_outcome_events.bars IS 'Bars from the entry to the one that decided, both counted.';
COMMENT ON COLUMN signal_outcome_events.ambiguous IS 'Whether one bar touched stop and target in an order that nobody knows: the stop counts.';
COMMENT ON COLUMN signal_outcome_events.resolution IS 'Bars that told which level came first: the timeframe, or 1m where one bar touched both and minutes told.';
COMMENT ON COLUMN signal_outcome_events.gross_pct IS 'Return the signal''s way from entry to exit, in per cent.';
COMMENT ON COLUMN signal_outcome_events.cost_pct IS 'Fees and slippage of both sides, in per cent: the net return is less by so much.';
COMMENT ON COLUMN signal_outcome_events.gross_r IS 'The return in units of the planned risk (planned entry to stop); null without a plan.';
COMMENT ON COLUMN signal_outcome_events.cost_r IS 'The costs in these units.';
COMMENT ON COLUMN signal_outcome_events.favourable_pct IS 'Farthest the signal''s way before the exit, in per cent, 0 or more; of the bar that decided the exit alone counts.';
COMMENT ON COLUMN signal_outcome_events.adverse_pct IS 'Farthest against it, likewise.';
COMMENT ON COLUMN signal_outcome_events.favourable_r IS 'favourable_pct in units of the planned risk.';
COMMENT ON COLUMN signal_outcome_events.adverse_r IS 'adverse_pct in units of the planned risk.';
COMMENT ON COLUMN signal_outcome_events.remark IS 'gap: bars are missing in its life, so that it took longer or was over before a bar told; else null.';
COMMENT ON COLUMN signal_outcome_events.signal_version IS 'Version of the rules that gave the signal (signal_events.logic_version).';
COMMENT ON COLUMN signal_outcome_events.created_at IS 'When the present values were made.';

-- those that bars of any later time may still decide, or did after a gap
CREATE INDEX IF NOT EXISTS signal_outcome_events_undecided ON signal_outcome_events (instrument_id, timeframe_id, ts)
WHERE state = 'open' OR remark IS NOT NULL;
-- signals_now asks for those whose time is not over
CREATE INDEX IF NOT EXISTS signal_events_by_end ON signal_events (expires_at);

INSERT INTO derived_datasets (dataset, description) VALUES
    ('signal_outcomes', 'What came of signals (signal_outcome_events).')
ON CONFLICT (dataset) DO NOTHING;

-- signals that are there already are due
INSERT INTO derived_dirty (dataset, instrument_id, day)
SELECT DISTINCT 'signal_outcomes', instrument_id, (ts AT TIME ZONE 'UTC')::date FROM signal_events
ON CONFLICT (dataset, instrument_id, day) DO NOTHING;

CALL keep_in_chunks(
    'signal_outcome_events', '7 days', 'instrument_id, timeframe_id, logic_version, configuration_version', 'ts', '30 days'
);
