-- What analysts read of candlestick and chart patterns: venue, symbol and timeframe by name. Nothing here stores
-- anything. Where a bar was looked at in several versions the newest is shown; versions below 0 are trials.
--
-- The views are flat joins, so that whatever is asked of them (the newest N, joins on ts) finds its way to the events'
-- indexes. How they are planned hangs on how many timeframes and instruments there seem to be: tables of a few rows,
-- which autovacuum passes over. Without this they count as 700 and 100.
ANALYZE timeframes, instruments;

CREATE OR REPLACE FUNCTION line_at(p_line jsonb, p_moment timestamptz) RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (p_line ->> 1)::double precision
        + ((p_line ->> 3)::double precision - (p_line ->> 1)::double precision)
        * extract(epoch FROM p_moment - (p_line ->> 0)::timestamptz)
        / extract(epoch FROM (p_line ->> 2)::timestamptz - (p_line ->> 0)::timestamptz)
$$;
COMMENT ON FUNCTION line_at(jsonb, timestamptz) IS
    'Price of a chart pattern''s line [t0, p0, t1, p1] at a moment: lines go on straight in clock time.';

CREATE OR REPLACE VIEW candlestick_patterns AS
SELECT i.venue, i.symbol, t.timeframe, e.ts,
    e.pattern, e.direction, d.nature, e.strength, e.candles, e.began_at, e.unbroken, e.known_at, e.logic_version,
    e.created_at, e.instrument_id
FROM candlestick_pattern_events AS e
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
LEFT JOIN candlestick_pattern_definitions AS d USING (pattern, logic_version)
WHERE e.logic_version > 0 AND NOT EXISTS (
    -- where a newer version looked, what it did not find is no pattern
    SELECT FROM derived_windows AS n
    WHERE n.dataset = 'candlestick_patterns' AND n.instrument_id = e.instrument_id AND n.timeframe_id = e.timeframe_id
        AND n.logic_version > e.logic_version AND n.windows @> e.ts
);
COMMENT ON VIEW candlestick_patterns IS 'Candlestick patterns of each symbol and timeframe, in the newest version that looked there.';
COMMENT ON COLUMN candlestick_patterns.venue IS 'Venue.';
COMMENT ON COLUMN candlestick_patterns.symbol IS 'Unified symbol.';
COMMENT ON COLUMN candlestick_patterns.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN candlestick_patterns.ts IS 'Open time of the last candle.';
COMMENT ON COLUMN candlestick_patterns.pattern IS 'Name; candlestick_pattern_definitions says what it is.';
COMMENT ON COLUMN candlestick_patterns.direction IS 'bullish, bearish or neutral.';
COMMENT ON COLUMN candlestick_patterns.nature IS 'What it is said to announce: reversal, continuation, breakout or indecision.';
COMMENT ON COLUMN candlestick_patterns.strength IS 'TA-Lib''s number: 80, 100, or 200 where a bar confirms a pattern told before; below 0 where it says bearish or black.';
COMMENT ON COLUMN candlestick_patterns.candles IS 'Candles of the pattern, the last one included.';
COMMENT ON COLUMN candlestick_patterns.began_at IS 'Open time of the first of them.';
COMMENT ON COLUMN candlestick_patterns.unbroken IS 'Whether no bar is missing among them.';
COMMENT ON COLUMN candlestick_patterns.known_at IS 'When it could first be known: the close of the last candle.';
COMMENT ON COLUMN candlestick_patterns.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN candlestick_patterns.created_at IS 'When the present values were made.';
COMMENT ON COLUMN candlestick_patterns.instrument_id IS 'Key of the instrument, for joins.';

CREATE OR REPLACE VIEW chart_patterns AS
SELECT i.venue, i.symbol, t.timeframe, e.ts,
    e.pattern, e.direction, e.stage, d.nature, e.completion, e.breakout_level, e.target, e.invalidation, e.quality, e.height,
    e.atr, e.volume_ratio, e.volume_trend, e.scale,
    (SELECT array_agg(p.ts AT TIME ZONE 'UTC' ORDER BY p.place) FROM unnest(e.pivot_ts) WITH ORDINALITY AS p (ts, place))
        AS pivot_ts,
    e.pivot_prices, e.lines, e.detail, e.pattern_id, e.known_at, e.logic_version, e.created_at, e.instrument_id,
    e.timeframe_id
FROM chart_pattern_events AS e
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
LEFT JOIN chart_pattern_definitions AS d USING (pattern, logic_version)
WHERE e.logic_version > 0 AND NOT EXISTS (
    -- where a newer version looked, what it did not find is no pattern
    SELECT FROM derived_windows AS n
    WHERE n.dataset = 'chart_patterns' AND n.instrument_id = e.instrument_id AND n.timeframe_id = e.timeframe_id
        AND n.logic_version > e.logic_version AND n.windows @> e.ts
);
COMMENT ON VIEW chart_patterns IS 'The lives of chart patterns, a row per stage, in the newest version that looked there.';
COMMENT ON COLUMN chart_patterns.venue IS 'Venue.';
COMMENT ON COLUMN chart_patterns.symbol IS 'Unified symbol.';
COMMENT ON COLUMN chart_patterns.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN chart_patterns.ts IS 'Open time of the bar at which it happened.';
COMMENT ON COLUMN chart_patterns.pattern IS 'Name; chart_pattern_definitions says what it is.';
COMMENT ON COLUMN chart_patterns.direction IS 'bullish or bearish; neutral while either line may break.';
COMMENT ON COLUMN chart_patterns.stage IS 'forming, complete (its breakout is confirmed), then target_met, failed or expired; or evolved into another pattern.';
COMMENT ON COLUMN chart_patterns.nature IS 'What it is said to announce: reversal, continuation or breakout.';
COMMENT ON COLUMN chart_patterns.completion IS 'How far it was towards its breakout, in per cent; 100 from the breakout on.';
COMMENT ON COLUMN chart_patterns.breakout_level IS 'Price beyond which it is complete, at this bar; later that broken. While neutral, the nearer one.';
COMMENT ON COLUMN chart_patterns.target IS 'Price it promises by its measured move; null while neutral.';
COMMENT ON COLUMN chart_patterns.invalidation IS 'Price beyond which it is wrong; null while neutral.';
COMMENT ON COLUMN chart_patterns.quality IS 'How little of its definition''s tolerances it uses, 0 to 1.';
COMMENT ON COLUMN chart_patterns.height IS 'What the measured move adds, in quote units.';
COMMENT ON COLUMN chart_patterns.atr IS 'Mean true range of 14 bars at this bar, in quote units.';
COMMENT ON COLUMN chart_patterns.volume_ratio IS 'Volume of this bar over the mean of the 20 before; null where those traded nothing.';
COMMENT ON COLUMN chart_patterns.volume_trend IS 'Mean volume of its second part over that of the first; null where not known.';
COMMENT ON COLUMN chart_patterns.scale IS 'ATR that price had to come back for a swing to be over, at the pivots by which it was found first.';
COMMENT ON COLUMN chart_patterns.pivot_ts IS 'Open times of its pivots'' bars, ascending.';
COMMENT ON COLUMN chart_patterns.pivot_prices IS 'Prices of its pivots.';
COMMENT ON COLUMN chart_patterns.lines IS 'Its lower and upper line, perhaps its neckline: [t0, p0, t1, p1] each, for line_at.';
COMMENT ON COLUMN chart_patterns.detail IS 'Reason, close, length in bars, when it expires, breaks that were not confirmed, what it became or came from.';
COMMENT ON COLUMN chart_patterns.pattern_id IS 'The pattern, within instrument and timeframe: the same on all rows of one life.';
COMMENT ON COLUMN chart_patterns.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN chart_patterns.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN chart_patterns.created_at IS 'When the present values were made.';
COMMENT ON COLUMN chart_patterns.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN chart_patterns.timeframe_id IS 'Key of the timeframe, for joins.';

CREATE OR REPLACE VIEW chart_patterns_open AS
SELECT c.*
FROM chart_patterns AS c
WHERE c.stage IN ('forming', 'complete') AND NOT EXISTS (
    SELECT FROM chart_pattern_events AS later
    WHERE later.instrument_id = c.instrument_id AND later.timeframe_id = c.timeframe_id
        AND later.pattern_id = c.pattern_id AND later.logic_version = c.logic_version
        AND (later.ts, later.stage <> 'forming') > (c.ts, c.stage <> 'forming')
);
COMMENT ON VIEW chart_patterns_open IS 'Chart patterns that are forming or complete and have not ended, each by its newest row: figures as they were known then.';
COMMENT ON COLUMN chart_patterns_open.venue IS 'Venue.';
COMMENT ON COLUMN chart_patterns_open.symbol IS 'Unified symbol.';
COMMENT ON COLUMN chart_patterns_open.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN chart_patterns_open.ts IS 'Open time of the bar at which it happened.';
COMMENT ON COLUMN chart_patterns_open.pattern IS 'Name; chart_pattern_definitions says what it is.';
COMMENT ON COLUMN chart_patterns_open.direction IS 'bullish or bearish; neutral while either line may break.';
COMMENT ON COLUMN chart_patterns_open.stage IS 'forming, complete (its breakout is confirmed), then target_met, failed or expired; or evolved into another pattern.';
COMMENT ON COLUMN chart_patterns_open.nature IS 'What it is said to announce: reversal, continuation or breakout.';
COMMENT ON COLUMN chart_patterns_open.completion IS 'How far it was towards its breakout, in per cent; 100 from the breakout on.';
COMMENT ON COLUMN chart_patterns_open.breakout_level IS 'Price beyond which it is complete, at this bar; later that broken. While neutral, the nearer one.';
COMMENT ON COLUMN chart_patterns_open.target IS 'Price it promises by its measured move; null while neutral.';
COMMENT ON COLUMN chart_patterns_open.invalidation IS 'Price beyond which it is wrong; null while neutral.';
COMMENT ON COLUMN chart_patterns_open.quality IS 'How little of its definition''s tolerances it uses, 0 to 1.';
COMMENT ON COLUMN chart_patterns_open.height IS 'What the measured move adds, in quote units.';
COMMENT ON COLUMN chart_patterns_open.atr IS 'Mean true range of 14 bars at this bar, in quote units.';
COMMENT ON COLUMN chart_patterns_open.volume_ratio IS 'Volume of this bar over the mean of the 20 before; null where those traded nothing.';
COMMENT ON COLUMN chart_patterns_open.volume_trend IS 'Mean volume of its second part over that of the first; null where not known.';
COMMENT ON COLUMN chart_patterns_open.scale IS 'ATR that price had to come back for a swing to be over, at the pivots by which it was found first.';
COMMENT ON COLUMN chart_patterns_open.pivot_ts IS 'Open times of its pivots'' bars, ascending.';
COMMENT ON COLUMN chart_patterns_open.pivot_prices IS 'Prices of its pivots.';
COMMENT ON COLUMN chart_patterns_open.lines IS 'Its lower and upper line, perhaps its neckline: [t0, p0, t1, p1] each, for line_at.';
COMMENT ON COLUMN chart_patterns_open.detail IS 'Reason, close, length in bars, when it expires, breaks that were not confirmed, what it became or came from.';
COMMENT ON COLUMN chart_patterns_open.pattern_id IS 'The pattern, within instrument and timeframe: the same on all rows of one life.';
COMMENT ON COLUMN chart_patterns_open.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN chart_patterns_open.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN chart_patterns_open.created_at IS 'When the present values were made.';
COMMENT ON COLUMN chart_patterns_open.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN chart_patterns_open.timeframe_id IS 'Key of the timeframe, for joins.';

CREATE OR REPLACE VIEW patterns AS
SELECT venue, symbol, timeframe, ts, 'candlestick' AS family, pattern, direction, 'complete' AS stage,
    abs(strength) / 2.0::double precision AS strength, NULL::double precision AS breakout_level,
    NULL::double precision AS target, NULL::double precision AS invalidation, NULL::text AS reference, known_at,
    logic_version, created_at, instrument_id
FROM candlestick_patterns
UNION ALL
SELECT venue, symbol, timeframe, ts, 'chart', pattern, direction, stage,
    100 * quality, breakout_level, target, invalidation, pattern_id::text, known_at, logic_version, created_at, instrument_id
FROM chart_patterns
UNION ALL
SELECT venue, symbol, timeframe, ts, 'volume', pattern, direction, 'complete',
    CASE strength WHEN 'weak' THEN 25 WHEN 'medium' THEN 50 WHEN 'strong' THEN 75 WHEN 'extreme' THEN 100 END,
    NULL, NULL, NULL, NULL, known_at, logic_version, created_at, instrument_id
FROM volume_patterns;
COMMENT ON VIEW patterns IS 'Candlestick, chart and volume patterns in one shape: what confidence, signals and outcomes are made from.';
COMMENT ON COLUMN patterns.venue IS 'Venue.';
COMMENT ON COLUMN patterns.symbol IS 'Unified symbol.';
COMMENT ON COLUMN patterns.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN patterns.ts IS 'Open time of the bar at which it happened.';
COMMENT ON COLUMN patterns.family IS 'candlestick, chart or volume.';
COMMENT ON COLUMN patterns.pattern IS 'Name.';
COMMENT ON COLUMN patterns.direction IS 'bullish, bearish or neutral.';
COMMENT ON COLUMN patterns.stage IS 'Of chart patterns forming, complete, target_met, failed, expired or evolved; of others complete.';
COMMENT ON COLUMN patterns.strength IS 'How clearly it meets its definition, 0 to 100: half of TA-Lib''s number, 100 times a chart pattern''s quality, 25 per grade of a volume pattern.';
COMMENT ON COLUMN patterns.breakout_level IS 'Price beyond which a chart pattern is complete; else null.';
COMMENT ON COLUMN patterns.target IS 'Price a chart pattern promises; else null.';
COMMENT ON COLUMN patterns.invalidation IS 'Price beyond which a chart pattern is wrong; else null.';
COMMENT ON COLUMN patterns.reference IS 'Id of a chart pattern, the same on all rows of its life; else null.';
COMMENT ON COLUMN patterns.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN patterns.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN patterns.created_at IS 'When the present values were made.';
COMMENT ON COLUMN patterns.instrument_id IS 'Key of the instrument, for joins.';
