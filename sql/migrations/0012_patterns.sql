-- Candlestick and chart patterns: what they are, and where they were seen. ts is the open time of the bar at whose close
-- a row could first be known; rows carry the version of the rules, and old versions stay.

CREATE TABLE IF NOT EXISTS candlestick_pattern_definitions (
    pattern text NOT NULL,
    logic_version integer NOT NULL,
    function text NOT NULL,
    candles smallint NOT NULL,
    size text NOT NULL,
    nature text NOT NULL,
    direction text NOT NULL,
    lookback smallint NOT NULL,
    silent_on_24_7 boolean NOT NULL,
    never_fired boolean NOT NULL,
    by_chance double precision NOT NULL,
    source text NOT NULL,
    description text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (pattern, logic_version)
);
COMMENT ON TABLE candlestick_pattern_definitions IS 'The 61 candlestick patterns by version: what each is, whom it favours, where it cannot be seen.';
COMMENT ON COLUMN candlestick_pattern_definitions.pattern IS 'Name (candlestick_pattern_events.pattern).';
COMMENT ON COLUMN candlestick_pattern_definitions.logic_version IS 'Version of the whole set (candlestick_pattern_events.logic_version).';
COMMENT ON COLUMN candlestick_pattern_definitions.function IS 'TA-Lib''s function.';
COMMENT ON COLUMN candlestick_pattern_definitions.candles IS 'Candles it consists of.';
COMMENT ON COLUMN candlestick_pattern_definitions.size IS 'single, double, or multi: three and more candles.';
COMMENT ON COLUMN candlestick_pattern_definitions.nature IS 'What it is said to announce: reversal, continuation, breakout or indecision.';
COMMENT ON COLUMN candlestick_pattern_definitions.direction IS 'Whom it favours: bullish, bearish, neutral, or by_sign of TA-Lib''s number.';
COMMENT ON COLUMN candlestick_pattern_definitions.lookback IS 'Bars before its last candle that are looked at, averages included.';
COMMENT ON COLUMN candlestick_pattern_definitions.silent_on_24_7 IS 'Whether it cannot be where every bar opens at the close before, as on venues that never close.';
COMMENT ON COLUMN candlestick_pattern_definitions.never_fired IS 'Whether it was on none of the real bars it was looked for on (docs/patterns.md).';
COMMENT ON COLUMN candlestick_pattern_definitions.by_chance IS 'Rows per 1,000 bars of a random walk, half of whose bars open at the close before.';
COMMENT ON COLUMN candlestick_pattern_definitions.source IS 'Whose pattern it is.';
COMMENT ON COLUMN candlestick_pattern_definitions.description IS 'What it looks like, in plain words.';
COMMENT ON COLUMN candlestick_pattern_definitions.created_at IS 'When it was first looked for by these rules.';

CREATE TABLE IF NOT EXISTS chart_pattern_definitions (
    pattern text NOT NULL,
    logic_version integer NOT NULL,
    nature text NOT NULL,
    by_chance double precision NOT NULL,
    description text NOT NULL,
    rules jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (pattern, logic_version)
);
COMMENT ON TABLE chart_pattern_definitions IS 'Chart patterns by version, with every number of their definitions.';
COMMENT ON COLUMN chart_pattern_definitions.pattern IS 'Name (chart_pattern_events.pattern).';
COMMENT ON COLUMN chart_pattern_definitions.logic_version IS 'Version of the rules (chart_pattern_events.logic_version).';
COMMENT ON COLUMN chart_pattern_definitions.nature IS 'What it is said to announce: reversal, continuation or breakout.';
COMMENT ON COLUMN chart_pattern_definitions.by_chance IS 'Breakouts per 1,000 bars of a random walk.';
COMMENT ON COLUMN chart_pattern_definitions.description IS 'What it is, in plain words.';
COMMENT ON COLUMN chart_pattern_definitions.rules IS 'Scales, tolerances, shares and bars by name, of all patterns; docs/patterns.md tells what each is.';
COMMENT ON COLUMN chart_pattern_definitions.created_at IS 'When it was first looked for by these rules.';

CREATE TABLE IF NOT EXISTS candlestick_pattern_events (
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    pattern text NOT NULL,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    direction text NOT NULL,
    strength smallint NOT NULL,
    candles smallint NOT NULL,
    began_at timestamptz NOT NULL,
    unbroken boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, timeframe_id, ts, pattern, logic_version)
);
COMMENT ON TABLE candlestick_pattern_events IS 'Candlestick patterns of closed bars, each at its last candle. Old versions stay. The view candlestick_patterns shows the newest.';
COMMENT ON COLUMN candlestick_pattern_events.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN candlestick_pattern_events.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN candlestick_pattern_events.ts IS 'Open time of the last candle.';
COMMENT ON COLUMN candlestick_pattern_events.pattern IS 'Name; candlestick_pattern_definitions says what it is.';
COMMENT ON COLUMN candlestick_pattern_events.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN candlestick_pattern_events.known_at IS 'When it could first be known: the close of the last candle.';
COMMENT ON COLUMN candlestick_pattern_events.direction IS 'bullish, bearish or neutral.';
COMMENT ON COLUMN candlestick_pattern_events.strength IS 'TA-Lib''s number: 80, 100, or 200 where a bar confirms a pattern told before; below 0 where it says bearish or black.';
COMMENT ON COLUMN candlestick_pattern_events.candles IS 'Candles of the pattern, the last one included.';
COMMENT ON COLUMN candlestick_pattern_events.began_at IS 'Open time of the first of them.';
COMMENT ON COLUMN candlestick_pattern_events.unbroken IS 'Whether no bar is missing among them.';
COMMENT ON COLUMN candlestick_pattern_events.created_at IS 'When the present values were made.';

CREATE INDEX IF NOT EXISTS candlestick_pattern_events_by_time ON candlestick_pattern_events (ts);

CREATE TABLE IF NOT EXISTS chart_pattern_events (
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    pattern_id bigint NOT NULL,
    stage text NOT NULL,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    pattern text NOT NULL,
    direction text NOT NULL,
    scale double precision NOT NULL,
    completion double precision NOT NULL,
    pivot_ts timestamp[] NOT NULL,
    pivot_prices double precision[] NOT NULL,
    lines jsonb NOT NULL,
    breakout_level double precision NOT NULL,
    target double precision,
    invalidation double precision,
    height double precision NOT NULL,
    atr double precision NOT NULL,
    quality double precision NOT NULL,
    volume_ratio double precision,
    volume_trend double precision,
    detail jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, timeframe_id, ts, pattern_id, stage, logic_version)
);
COMMENT ON TABLE chart_pattern_events IS 'The lives of chart patterns: a row for every stage a pattern reached, at the bar at whose close it did. Rows are facts; what becomes of a pattern is a further row.';
COMMENT ON COLUMN chart_pattern_events.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN chart_pattern_events.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN chart_pattern_events.ts IS 'Open time of the bar at which it happened.';
COMMENT ON COLUMN chart_pattern_events.pattern_id IS 'The pattern, within instrument and timeframe: the same on all rows of one life, wherever and whenever computed.';
COMMENT ON COLUMN chart_pattern_events.stage IS 'forming, complete (its breakout is confirmed), then target_met, failed or expired; or evolved into another pattern.';
COMMENT ON COLUMN chart_pattern_events.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN chart_pattern_events.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN chart_pattern_events.pattern IS 'Name; chart_pattern_definitions says what it is.';
COMMENT ON COLUMN chart_pattern_events.direction IS 'bullish or bearish; neutral while either line may break.';
COMMENT ON COLUMN chart_pattern_events.scale IS 'ATR that price had to come back for a swing to be over, at the pivots by which it was found first.';
COMMENT ON COLUMN chart_pattern_events.completion IS 'How far it is towards its breakout, in per cent; 100 from the breakout on.';
COMMENT ON COLUMN chart_pattern_events.pivot_ts IS 'Open times of its pivots'' bars, ascending; UTC. Without time zone, since the binary writer knows no arrays with one: the view chart_patterns adds it.';
COMMENT ON COLUMN chart_pattern_events.pivot_prices IS 'Prices of its pivots.';
COMMENT ON COLUMN chart_pattern_events.lines IS 'Its lower and upper line, perhaps its neckline: [t0, p0, t1, p1] each, straight in clock time.';
COMMENT ON COLUMN chart_pattern_events.breakout_level IS 'Price beyond which it is complete, at this bar; later that broken. While neutral, the nearer one.';
COMMENT ON COLUMN chart_pattern_events.target IS 'Price it promises by its measured move; null while neutral.';
COMMENT ON COLUMN chart_pattern_events.invalidation IS 'Price beyond which it is wrong; null while neutral.';
COMMENT ON COLUMN chart_pattern_events.height IS 'What the measured move adds, in quote units.';
COMMENT ON COLUMN chart_pattern_events.atr IS 'Mean true range of 14 bars at this bar, in quote units.';
COMMENT ON COLUMN chart_pattern_events.quality IS 'How little of its definition''s tolerances it uses, 0 to 1.';
COMMENT ON COLUMN chart_pattern_events.volume_ratio IS 'Volume of this bar over the mean of the 20 before; null where those traded nothing.';
COMMENT ON COLUMN chart_pattern_events.volume_trend IS 'Mean volume of its second part over that of the first; null where not known.';
COMMENT ON COLUMN chart_pattern_events.detail IS 'Reason, close, length in bars, when it expires, breaks that were not confirmed, what it became or came from.';
COMMENT ON COLUMN chart_pattern_events.created_at IS 'When the present values were made.';

CREATE INDEX IF NOT EXISTS chart_pattern_events_by_time ON chart_pattern_events (ts);
CREATE INDEX IF NOT EXISTS chart_pattern_events_by_pattern
    ON chart_pattern_events (instrument_id, timeframe_id, pattern_id, logic_version, ts);

-- Whatever follows bars is named here, so that a data set that is added later is marked as well.
CREATE TABLE IF NOT EXISTS derived_datasets (
    dataset text PRIMARY KEY,
    description text NOT NULL
);
COMMENT ON TABLE derived_datasets IS 'Data sets that are brought up to date when bars change; each takes away its own marks in derived_dirty.';
COMMENT ON COLUMN derived_datasets.dataset IS 'Name: that of its asset.';
COMMENT ON COLUMN derived_datasets.description IS 'What it holds.';
INSERT INTO derived_datasets (dataset, description) VALUES
    ('indicators', 'Technical indicators (indicator_values).'),
    ('market_regime', 'Market regimes (market_regimes, market_regimes_overall).'),
    ('volume_patterns', 'Volume patterns (volume_pattern_events).'),
    ('volume_profiles', 'Daily volume profiles (volume_profile_days).'),
    ('candlestick_patterns', 'Candlestick patterns (candlestick_pattern_events).'),
    ('chart_patterns', 'Chart patterns (chart_pattern_events).')
ON CONFLICT (dataset) DO NOTHING;
COMMENT ON COLUMN derived_windows.dataset IS 'Data set (derived_datasets).';
COMMENT ON COLUMN derived_dirty.dataset IS 'What has to be brought up to date (derived_datasets).';

CREATE OR REPLACE FUNCTION mark_derived_dirty(p_instrument_ids integer[], p_days date[]) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO derived_dirty (dataset, instrument_id, day)
    SELECT s.dataset, d.instrument_id, d.day
    FROM (SELECT DISTINCT * FROM unnest(p_instrument_ids, p_days) AS u (instrument_id, day)) AS d
    CROSS JOIN derived_datasets AS s
    ORDER BY s.dataset, d.instrument_id, d.day
    ON CONFLICT (dataset, instrument_id, day)
    DO UPDATE SET seq = nextval(pg_get_serial_sequence('derived_dirty', 'seq'))
$$;

-- candles that are there already are due
INSERT INTO derived_dirty (dataset, instrument_id, day)
SELECT s.dataset, b.instrument_id, (b.ts AT TIME ZONE 'UTC')::date
FROM ohlcv_1d AS b
CROSS JOIN unnest(ARRAY['candlestick_patterns', 'chart_patterns']) AS s (dataset)
ON CONFLICT (dataset, instrument_id, day) DO NOTHING;

CALL keep_in_chunks('candlestick_pattern_events', '7 days', 'instrument_id, timeframe_id, logic_version', 'ts, pattern', '30 days');
CALL keep_in_chunks('chart_pattern_events', '30 days', 'instrument_id, timeframe_id, logic_version', 'ts, pattern_id', '30 days');
