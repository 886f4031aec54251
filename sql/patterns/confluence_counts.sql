-- How often each pattern led a timeframe of these instruments ($1) in a timeframe ($2), version ($3) and configuration
-- ($6) at the bars of a window ($4 to $5), by how many timeframes leaned alike.
SELECT pattern, grade AS kind, count(*) AS n
FROM pattern_confluences
WHERE instrument_id = ANY ($1) AND timeframe_id = $2 AND logic_version = $3 AND ts >= $4 AND ts < $5
    AND configuration_version = $6
GROUP BY 1, 2
