-- Volume patterns of an instrument ($1), timeframe ($2) and version ($3) at the bars of a window ($4 to $5).
SELECT ts, pattern, direction, strength, detail::text AS detail, (detail ->> 'breakout_ts')::timestamptz AS began_at,
    known_at
FROM volume_pattern_events
WHERE instrument_id = $1 AND timeframe_id = $2 AND logic_version = $3 AND ts >= $4 AND ts < $5
ORDER BY ts, pattern
