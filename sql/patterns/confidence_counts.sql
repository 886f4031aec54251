-- How many events of each pattern these instruments ($1) have in a timeframe ($2), version ($3) and configuration ($6)
-- at the bars of a window ($4 to $5), by how sure they are.
SELECT pattern, coalesce(level, 'unknown') AS kind, count(*) AS n
FROM pattern_confidences
WHERE instrument_id = ANY ($1) AND timeframe_id = $2 AND logic_version = $3 AND ts >= $4 AND ts < $5
    AND configuration_version = $6
GROUP BY 1, 2
