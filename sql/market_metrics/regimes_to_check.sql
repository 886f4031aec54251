-- Stored regimes of a provider ($1) in a window ($2 to $3).
SELECT asset, ts, dominance, change_24h, regime, turned_from FROM dominance_regimes
WHERE provider = $1 AND ts >= $2 AND ts < $3
