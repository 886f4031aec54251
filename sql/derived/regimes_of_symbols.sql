-- Regimes of all symbols of a timeframe ($1) and version ($2) in a window ($3 to $4) that are quoted in one of $5.
SELECT v.instrument_id, v.ts, v.trend, v.volatility, v.liquidity, v.quote_volume_mean
FROM market_regimes AS v
JOIN instruments AS i USING (instrument_id)
WHERE v.timeframe_id = $1 AND v.logic_version = $2 AND v.ts >= $3 AND v.ts < $4 AND i.quote = ANY ($5)
