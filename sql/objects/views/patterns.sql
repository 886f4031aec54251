CREATE OR REPLACE VIEW patterns AS
SELECT venue, symbol, timeframe, ts, 'candlestick' AS family, pattern, direction, 'complete' AS stage,
    abs(strength) / 2.0::double precision AS strength, NULL::double precision AS breakout_level,
    NULL::double precision AS target, NULL::double precision AS invalidation, NULL::text AS reference, known_at,
    logic_version, created_at, instrument_id,
    bar_id(venue, symbol, timeframe, ts) || '/' || pattern AS id,
    direction = 'neutral' AS is_flag
FROM candlestick_patterns
UNION ALL
SELECT venue, symbol, timeframe, ts, 'chart', pattern, direction, stage,
    100 * quality, breakout_level, target, invalidation, pattern_id::text, known_at, logic_version, created_at, instrument_id,
    id, false
FROM chart_patterns
UNION ALL
SELECT venue, symbol, timeframe, ts, 'volume', pattern, direction, 'complete',
    CASE strength WHEN 'weak' THEN 25 WHEN 'medium' THEN 50 WHEN 'strong' THEN 75 WHEN 'extreme' THEN 100 END,
    NULL, NULL, NULL, NULL, known_at, logic_version, created_at, instrument_id,
    bar_id(venue, symbol, timeframe, ts) || '/' || pattern,
    direction = 'neutral'
FROM volume_patterns;
COMMENT ON VIEW patterns IS 'Candlestick, chart and volume patterns in one shape. What is no flag has a confidence, votes for signals and has outcomes.';
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
COMMENT ON COLUMN patterns.is_flag IS 'Whether it is a flag of its bar and no event: a neutral candlestick or volume pattern (bar_flags). Flags have no confidence and no outcomes.';
COMMENT ON COLUMN patterns.id IS 'Names the pattern for ever, a chart pattern on all rows of its life: alphapulse draw pattern ID.';
