-- What the market was in, by the rules of a version ($1), on the days that begin in a window ($2 to $3).
SELECT ts, trend, trend_share
FROM market_regimes_overall
WHERE timeframe_id = 1440 AND logic_version = $1 AND ts >= $2 AND ts < $3
ORDER BY ts
