-- Events of chart patterns of an instrument ($1), timeframe ($2) and version ($3) at the bars of a window ($4 to $5).
SELECT pattern_id, ts, known_at, pattern, direction, stage, breakout_level, target, invalidation, quality
FROM chart_pattern_events
WHERE instrument_id = $1 AND timeframe_id = $2 AND logic_version = $3 AND ts >= $4 AND ts < $5
ORDER BY ts, pattern_id
