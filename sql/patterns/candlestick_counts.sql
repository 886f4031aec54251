-- How many candlestick patterns of each kind these instruments ($1) have in a timeframe ($2) and version ($3) at the
-- bars of a window ($4 to $5), by whom they favour.
SELECT pattern, direction AS kind, count(*) AS n
FROM candlestick_pattern_events
WHERE instrument_id = ANY ($1) AND timeframe_id = $2 AND logic_version = $3 AND ts >= $4 AND ts < $5
GROUP BY pattern, direction
