CREATE OR REPLACE VIEW bar_flags AS
SELECT f.venue, f.symbol, f.timeframe, f.ts, f.known_at, array_agg(f.flag ORDER BY f.flag) AS flags, f.instrument_id,
    f.timeframe_id
FROM (
    SELECT venue, symbol, timeframe, ts, known_at, pattern AS flag, instrument_id, timeframe_id
    FROM candlestick_patterns
    WHERE direction = 'neutral'
    UNION ALL
    SELECT venue, symbol, timeframe, ts, known_at, pattern, instrument_id, timeframe_id
    FROM volume_patterns
    WHERE direction = 'neutral'
) AS f
GROUP BY f.venue, f.symbol, f.timeframe, f.ts, f.known_at, f.instrument_id, f.timeframe_id;
COMMENT ON VIEW bar_flags IS 'What a bar is without saying where price goes: its neutral candlestick and volume patterns. They have no confidence and no outcome.';
COMMENT ON COLUMN bar_flags.venue IS 'Venue.';
COMMENT ON COLUMN bar_flags.symbol IS 'Unified symbol.';
COMMENT ON COLUMN bar_flags.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN bar_flags.ts IS 'Open time of the bar.';
COMMENT ON COLUMN bar_flags.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN bar_flags.flags IS 'Names of the patterns, sorted: doji, spinning_top, dry_up ...';
COMMENT ON COLUMN bar_flags.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN bar_flags.timeframe_id IS 'Key of the timeframe, for joins.';
