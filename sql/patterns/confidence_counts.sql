-- How many events of each pattern these instruments ($1) have in a timeframe ($2), version ($3) and configuration ($6)
-- at the bars of a window ($4 to $5), by how sure they are.
SELECT k.pattern, coalesce((ARRAY['very low', 'low', 'medium', 'high', 'extreme'])[c.level_id + 1], 'unknown') AS kind,
    count(*) AS n
FROM pattern_confidences AS c
JOIN pattern_kinds AS k USING (kind_id)
WHERE c.instrument_id = ANY ($1) AND c.timeframe_id = $2 AND c.logic_version = $3 AND c.ts >= $4 AND c.ts < $5
    AND c.configuration_version = $6
GROUP BY 1, 2
