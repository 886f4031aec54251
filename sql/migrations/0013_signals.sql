-- How sure patterns are, how timeframes agree, and the signals that follow: all as it was known at each close.
-- ts is the open time of the bar at whose close a row could first be known; rows carry the version of the rules and of
-- the configuration, and old versions stay. Where a pattern has no reference the column is empty, in all tables alike:
-- part of a key, it cannot be null.

CREATE TABLE IF NOT EXISTS pattern_configurations (
    version integer PRIMARY KEY,
    configuration jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE pattern_configurations IS 'Every configuration rows were made by: weights, thresholds, equity. What a version says never changes; another configuration needs another version.';
COMMENT ON COLUMN pattern_configurations.version IS 'configuration_version of the rows made by it.';
COMMENT ON COLUMN pattern_configurations.configuration IS 'All its figures, by part and name (docs/signals.md).';
COMMENT ON COLUMN pattern_configurations.created_at IS 'When it was first used.';

CREATE TABLE IF NOT EXISTS pattern_confidences (
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    family text NOT NULL,
    pattern text NOT NULL,
    direction text NOT NULL,
    stage text NOT NULL,
    reference text NOT NULL DEFAULT '',
    logic_version integer NOT NULL,
    configuration_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    volume double precision,
    trend double precision,
    context double precision,
    history double precision,
    convergence double precision,
    volume_coverage double precision NOT NULL,
    trend_coverage double precision NOT NULL,
    context_coverage double precision NOT NULL,
    history_coverage double precision NOT NULL,
    convergence_coverage double precision NOT NULL,
    confidence double precision,
    coverage double precision NOT NULL,
    aspect_technical double precision,
    aspect_historical double precision,
    aspect_market double precision,
    aspect_volume double precision,
    aspect_technical_coverage double precision NOT NULL,
    aspect_historical_coverage double precision NOT NULL,
    aspect_market_coverage double precision NOT NULL,
    aspect_volume_coverage double precision NOT NULL,
    reliability double precision,
    reliability_coverage double precision NOT NULL,
    boost_volume double precision,
    boost_price double precision,
    boost_timeframe double precision,
    boosted double precision NOT NULL,
    boosted_coverage double precision NOT NULL,
    volume_weight double precision NOT NULL,
    trend_weight double precision NOT NULL,
    context_weight double precision NOT NULL,
    history_weight double precision NOT NULL,
    convergence_weight double precision NOT NULL,
    aspect_technical_weight double precision NOT NULL,
    aspect_historical_weight double precision NOT NULL,
    aspect_market_weight double precision NOT NULL,
    aspect_volume_weight double precision NOT NULL,
    level text,
    reliability_level text,
    boosted_level text NOT NULL,
    history_as_of timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, timeframe_id, ts, family, pattern, direction, stage, reference, logic_version, configuration_version)
);
COMMENT ON TABLE pattern_confidences IS 'How sure each pattern event was when it became known, factor by factor. Old versions stay. The view pattern_confidence shows the newest.';
COMMENT ON COLUMN pattern_confidences.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN pattern_confidences.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN pattern_confidences.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN pattern_confidences.family IS 'candlestick, chart or volume.';
COMMENT ON COLUMN pattern_confidences.pattern IS 'Name of the pattern.';
COMMENT ON COLUMN pattern_confidences.direction IS 'bullish, bearish or neutral.';
COMMENT ON COLUMN pattern_confidences.stage IS 'complete, or of chart patterns any stage of their life.';
COMMENT ON COLUMN pattern_confidences.reference IS 'Which life of a chart pattern (chart_pattern_events.pattern_id); empty where patterns have no life of several rows.';
COMMENT ON COLUMN pattern_confidences.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN pattern_confidences.configuration_version IS 'Weights and thresholds by which it was made (pattern_configurations).';
COMMENT ON COLUMN pattern_confidences.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN pattern_confidences.volume IS 'Volume confirmation: how far the bar''s volume exceeds that of the 20 before, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidences.trend IS 'Trend alignment, on its own and the next higher timeframe, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidences.context IS 'Market context: volatility, liquidity, the market''s trend, sentiment, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidences.history IS 'Historical success as known then, less the base rate, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidences.convergence IS 'Convergence of the consecutive timeframes that lean its way, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidences.volume_coverage IS 'Share of the parts of volume that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidences.trend_coverage IS 'Share of the parts of trend that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidences.context_coverage IS 'Share of the parts of context that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidences.history_coverage IS 'Share of the parts of history that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidences.convergence_coverage IS 'Share of the parts of convergence that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidences.confidence IS 'How sure, 0 to 100: the weighted mean of what is known of the factors. Null where nothing is known.';
COMMENT ON COLUMN pattern_confidences.coverage IS 'Share of the weights that is known, 0 to 1; unknown factors move no score and lower this.';
COMMENT ON COLUMN pattern_confidences.aspect_technical IS 'Strength of the pattern, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidences.aspect_historical IS 'Historical success, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidences.aspect_market IS 'Trend and context, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidences.aspect_volume IS 'Volume, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidences.aspect_technical_coverage IS 'Share of the parts of it that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidences.aspect_historical_coverage IS 'Share of the parts of it that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidences.aspect_market_coverage IS 'Share of the parts of it that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidences.aspect_volume_coverage IS 'Share of the parts of it that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidences.reliability IS 'How reliable, 0 to 100, of the four aspects. Null where nothing is known.';
COMMENT ON COLUMN pattern_confidences.reliability_coverage IS 'Share of the aspects'' weights that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidences.boost_volume IS 'Added for volume, 0 to 30; null where unknown.';
COMMENT ON COLUMN pattern_confidences.boost_price IS 'Added for the bar''s move its way, 0 to 20; null where unknown.';
COMMENT ON COLUMN pattern_confidences.boost_timeframe IS 'Added for convergence, 0 to 30; null where unknown.';
COMMENT ON COLUMN pattern_confidences.boosted IS 'The simpler score: strength and boosts, 100 at most.';
COMMENT ON COLUMN pattern_confidences.boosted_coverage IS 'Share of the boosts that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidences.volume_weight IS 'Weight of volume in the confidence; the five sum to 100.';
COMMENT ON COLUMN pattern_confidences.trend_weight IS 'Weight of trend in the confidence; the five sum to 100.';
COMMENT ON COLUMN pattern_confidences.context_weight IS 'Weight of context in the confidence; the five sum to 100.';
COMMENT ON COLUMN pattern_confidences.history_weight IS 'Weight of history in the confidence; the five sum to 100.';
COMMENT ON COLUMN pattern_confidences.convergence_weight IS 'Weight of convergence in the confidence; the five sum to 100.';
COMMENT ON COLUMN pattern_confidences.aspect_technical_weight IS 'Its weight in the reliability; the four sum to 100.';
COMMENT ON COLUMN pattern_confidences.aspect_historical_weight IS 'Its weight in the reliability; the four sum to 100.';
COMMENT ON COLUMN pattern_confidences.aspect_market_weight IS 'Its weight in the reliability; the four sum to 100.';
COMMENT ON COLUMN pattern_confidences.aspect_volume_weight IS 'Its weight in the reliability; the four sum to 100.';
COMMENT ON COLUMN pattern_confidences.level IS 'extreme from 90, high from 75, medium from 60, low from 40, else very low; null where too little is known.';
COMMENT ON COLUMN pattern_confidences.reliability_level IS 'The same of the reliability.';
COMMENT ON COLUMN pattern_confidences.boosted_level IS 'strong above 80, medium from 60, else weak.';
COMMENT ON COLUMN pattern_confidences.history_as_of IS 'As of when the history was known; null where none was.';
COMMENT ON COLUMN pattern_confidences.created_at IS 'When the present values were made.';

CREATE INDEX IF NOT EXISTS pattern_confidences_by_time ON pattern_confidences (ts);

CREATE TABLE IF NOT EXISTS pattern_confluences (
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    logic_version integer NOT NULL,
    configuration_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    direction text NOT NULL,
    family text NOT NULL,
    pattern text NOT NULL,
    reference text NOT NULL,
    grade text NOT NULL,
    run bigint NOT NULL,
    run_first text NOT NULL,
    run_last text NOT NULL,
    confirming bigint NOT NULL,
    contradicting bigint NOT NULL,
    overridden_by text,
    convergence double precision NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, timeframe_id, ts, logic_version, configuration_version)
);
COMMENT ON TABLE pattern_confluences IS 'Where a timeframe leans at a close at which it had a pattern event, and how many timeframes lean alike.';
COMMENT ON COLUMN pattern_confluences.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN pattern_confluences.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN pattern_confluences.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN pattern_confluences.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN pattern_confluences.configuration_version IS 'Weights and thresholds by which it was made (pattern_configurations).';
COMMENT ON COLUMN pattern_confluences.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN pattern_confluences.direction IS 'Where the timeframe leans: bullish or bearish.';
COMMENT ON COLUMN pattern_confluences.family IS 'Family of the pattern that leads it.';
COMMENT ON COLUMN pattern_confluences.pattern IS 'Pattern that leads it: the strongest of its direction that counts.';
COMMENT ON COLUMN pattern_confluences.reference IS 'Which life of a chart pattern (chart_pattern_events.pattern_id); empty where patterns have no life of several rows.';
COMMENT ON COLUMN pattern_confluences.grade IS 'strong with three or more consecutive timeframes that lean alike, medium with two, weak alone.';
COMMENT ON COLUMN pattern_confluences.run IS 'Consecutive timeframes that lean alike, this one counted.';
COMMENT ON COLUMN pattern_confluences.run_first IS 'Lowest timeframe of them.';
COMMENT ON COLUMN pattern_confluences.run_last IS 'Highest timeframe of them.';
COMMENT ON COLUMN pattern_confluences.confirming IS 'Other timeframes that lean alike, consecutive or not.';
COMMENT ON COLUMN pattern_confluences.contradicting IS 'Other timeframes that lean the other way.';
COMMENT ON COLUMN pattern_confluences.overridden_by IS 'The highest timeframe that leans, where it is higher and leans the other way; else null.';
COMMENT ON COLUMN pattern_confluences.convergence IS 'Sum of the multipliers of the run less those of contradicting timeframes, over 3, within 0 to 1; 0 where overridden.';
COMMENT ON COLUMN pattern_confluences.created_at IS 'When the present values were made.';

CREATE INDEX IF NOT EXISTS pattern_confluences_by_time ON pattern_confluences (ts);

CREATE TABLE IF NOT EXISTS pattern_relationships (
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    other_timeframe text NOT NULL,
    logic_version integer NOT NULL,
    configuration_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    family text NOT NULL,
    pattern text NOT NULL,
    direction text NOT NULL,
    reference text NOT NULL,
    relation text NOT NULL,
    overrides boolean NOT NULL,
    other_multiplier double precision NOT NULL,
    other_ts timestamptz NOT NULL,
    other_known_at timestamptz NOT NULL,
    other_family text NOT NULL,
    other_pattern text NOT NULL,
    other_direction text NOT NULL,
    other_reference text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, timeframe_id, ts, other_timeframe, logic_version, configuration_version)
);
COMMENT ON TABLE pattern_relationships IS 'For each row of pattern_confluences and other timeframe that leans: which patterns confirm or contradict each other.';
COMMENT ON COLUMN pattern_relationships.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN pattern_relationships.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN pattern_relationships.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN pattern_relationships.other_timeframe IS 'The other timeframe.';
COMMENT ON COLUMN pattern_relationships.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN pattern_relationships.configuration_version IS 'Weights and thresholds by which it was made (pattern_configurations).';
COMMENT ON COLUMN pattern_relationships.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN pattern_relationships.family IS 'Family of the pattern that leads here.';
COMMENT ON COLUMN pattern_relationships.pattern IS 'Pattern that leads here.';
COMMENT ON COLUMN pattern_relationships.direction IS 'Where this timeframe leans.';
COMMENT ON COLUMN pattern_relationships.reference IS 'Which life of a chart pattern (chart_pattern_events.pattern_id); empty where patterns have no life of several rows.';
COMMENT ON COLUMN pattern_relationships.relation IS 'confirms or contradicts: whether the other timeframe leans alike.';
COMMENT ON COLUMN pattern_relationships.overrides IS 'Whether the other timeframe is higher, contradicts, and is not overridden itself.';
COMMENT ON COLUMN pattern_relationships.other_multiplier IS 'Its multiplier.';
COMMENT ON COLUMN pattern_relationships.other_ts IS 'Open time of the bar of the pattern that leads there.';
COMMENT ON COLUMN pattern_relationships.other_known_at IS 'When that pattern was known.';
COMMENT ON COLUMN pattern_relationships.other_family IS 'Its family.';
COMMENT ON COLUMN pattern_relationships.other_pattern IS 'Pattern that leads there.';
COMMENT ON COLUMN pattern_relationships.other_direction IS 'Where the other timeframe leans.';
COMMENT ON COLUMN pattern_relationships.other_reference IS 'Which life of a chart pattern it is; empty as reference.';
COMMENT ON COLUMN pattern_relationships.created_at IS 'When the present values were made.';

CREATE INDEX IF NOT EXISTS pattern_relationships_by_time ON pattern_relationships (ts);

CREATE TABLE IF NOT EXISTS signal_events (
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    logic_version integer NOT NULL,
    configuration_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    signal text NOT NULL,
    score double precision NOT NULL,
    net double precision NOT NULL,
    confidence double precision,
    patterns bigint NOT NULL,
    run bigint NOT NULL,
    overridden_by text,
    trigger text NOT NULL,
    entry double precision NOT NULL,
    atr double precision,
    stop double precision,
    target double precision,
    risk_atr double precision,
    reward_risk double precision,
    size double precision,
    notional double precision,
    risk double precision,
    capped boolean,
    expires_at timestamptz,
    reasons jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, timeframe_id, ts, logic_version, configuration_version)
);
COMMENT ON TABLE signal_events IS 'Signals from confirmed patterns: a row per timeframe and close with a new pattern that counts, with stop, target, size and reasons. Old versions stay. The view signals shows the newest.';
COMMENT ON COLUMN signal_events.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN signal_events.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN signal_events.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN signal_events.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN signal_events.configuration_version IS 'Weights and thresholds by which it was made (pattern_configurations).';
COMMENT ON COLUMN signal_events.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN signal_events.signal IS 'strong_buy, buy, weak_buy, neutral, weak_sell, sell or strong_sell.';
COMMENT ON COLUMN signal_events.score IS 'net times confidence, -100 to 100; below 0 sells.';
COMMENT ON COLUMN signal_events.net IS 'Votes for less votes against over all votes left, -1 to 1.';
COMMENT ON COLUMN signal_events.confidence IS 'Mean confidence of the winning patterns, 0 to 100; null where no side wins.';
COMMENT ON COLUMN signal_events.patterns IS 'Different winning patterns.';
COMMENT ON COLUMN signal_events.run IS 'Consecutive timeframes that go its way; 0 of a signal that does not stand.';
COMMENT ON COLUMN signal_events.overridden_by IS 'Higher timeframe that goes the other way; the signal is neutral then.';
COMMENT ON COLUMN signal_events.trigger IS 'The surest new pattern.';
COMMENT ON COLUMN signal_events.entry IS 'Close of the bar, in quote units.';
COMMENT ON COLUMN signal_events.atr IS 'Mean true range of 14 bars, in quote units; null in its warm-up.';
COMMENT ON COLUMN signal_events.stop IS 'Price at which it is wrong. This and what follows is null of neutral signals.';
COMMENT ON COLUMN signal_events.target IS 'Price it aims at.';
COMMENT ON COLUMN signal_events.risk_atr IS 'Distance from entry to stop, in ATR.';
COMMENT ON COLUMN signal_events.reward_risk IS 'Distance to the target over that to the stop.';
COMMENT ON COLUMN signal_events.size IS 'Size of the position, in base units.';
COMMENT ON COLUMN signal_events.notional IS 'What it is worth at the entry, in quote units.';
COMMENT ON COLUMN signal_events.risk IS 'What is lost at the stop, in quote units, before fees and slippage.';
COMMENT ON COLUMN signal_events.capped IS 'Whether the cap made the position smaller than its risk allows.';
COMMENT ON COLUMN signal_events.expires_at IS 'When it is over; null of neutral signals.';
COMMENT ON COLUMN signal_events.reasons IS 'Patterns that were counted and those overridden, each with its confidence and vote.';
COMMENT ON COLUMN signal_events.created_at IS 'When the present values were made.';

CREATE INDEX IF NOT EXISTS signal_events_by_time ON signal_events (ts);
CREATE INDEX IF NOT EXISTS signal_events_by_expiry ON signal_events (expires_at);

CREATE TABLE IF NOT EXISTS signal_windows (
    dataset text NOT NULL,
    instrument_id integer NOT NULL,
    logic_version integer NOT NULL,
    configuration_version integer NOT NULL,
    windows tstzmultirange NOT NULL,
    PRIMARY KEY (dataset, instrument_id, logic_version, configuration_version)
);
COMMENT ON TABLE signal_windows IS 'For which moments signals and what they are made of were computed, by version: a moment without any has no other row to tell.';
COMMENT ON COLUMN signal_windows.dataset IS 'pattern_confidence, pattern_confluence or signals.';
COMMENT ON COLUMN signal_windows.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN signal_windows.logic_version IS 'Version of the rules that computed.';
COMMENT ON COLUMN signal_windows.configuration_version IS 'Configuration by which they did (pattern_configurations).';
COMMENT ON COLUMN signal_windows.windows IS 'Moments (known_at) that were computed, of all timeframes together.';

INSERT INTO derived_datasets (dataset, description) VALUES
    ('signals', 'Confidence, confluence and signals (pattern_confidences, pattern_confluences, pattern_relationships, signal_events).')
ON CONFLICT (dataset) DO NOTHING;

-- candles that are there already are due
INSERT INTO derived_dirty (dataset, instrument_id, day)
SELECT 'signals', instrument_id, (ts AT TIME ZONE 'UTC')::date
FROM ohlcv_1d
ON CONFLICT (dataset, instrument_id, day) DO NOTHING;

CALL keep_in_chunks(
    'pattern_confidences', '7 days', 'instrument_id, timeframe_id, logic_version, configuration_version', 'ts, pattern', '30 days'
);
CALL keep_in_chunks(
    'pattern_confluences', '7 days', 'instrument_id, timeframe_id, logic_version, configuration_version', 'ts', '30 days'
);
CALL keep_in_chunks(
    'pattern_relationships', '7 days', 'instrument_id, timeframe_id, logic_version, configuration_version', 'ts, other_timeframe', '30 days'
);
CALL keep_in_chunks(
    'signal_events', '7 days', 'instrument_id, timeframe_id, logic_version, configuration_version', 'ts', '30 days'
);
