-- The volume patterns of an instrument ($1), timeframe ($2) and version ($3) from $4 on that were known by $5.
SELECT ts, pattern, direction, strength, known_at
FROM volume_pattern_events
WHERE instrument_id = $1 AND timeframe_id = $2 AND logic_version = $3 AND ts >= $4 AND known_at <= $5
ORDER BY ts, pattern
