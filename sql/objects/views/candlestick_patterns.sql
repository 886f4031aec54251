CREATE OR REPLACE VIEW candlestick_patterns AS
SELECT i.venue, i.symbol, t.timeframe, e.ts,
    e.pattern, e.direction, d.nature, e.strength, e.candles, e.began_at, e.unbroken, e.known_at, e.logic_version,
    e.created_at, e.instrument_id, e.timeframe_id, e.move_before_atr
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
COMMENT ON COLUMN candlestick_patterns.timeframe_id IS 'Key of the timeframe, for joins.';
COMMENT ON COLUMN candlestick_patterns.move_before_atr IS 'Close change over the 10 bars before the pattern''s first candle, in ATR (mean true range of 14 bars) of the bar before it; above 0: price had risen. Null where it is not known.';
