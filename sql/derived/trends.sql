-- The trend of an instrument ($1), timeframe ($2) and version ($3) at its bars from $4 to before $5.
SELECT ts, trend
FROM market_regimes
WHERE instrument_id = $1 AND timeframe_id = $2 AND logic_version = $3 AND ts >= $4 AND ts < $5
ORDER BY ts
