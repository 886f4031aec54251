-- How many patterns of each kind these instruments ($1) have in version $2 in a window ($3 to $4).
SELECT pattern, direction, count(*) AS n
FROM volume_pattern_events
WHERE instrument_id = ANY ($1) AND logic_version = $2 AND ts >= $3 AND ts < $4
GROUP BY pattern, direction
ORDER BY pattern, direction
