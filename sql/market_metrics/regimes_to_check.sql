-- Stored regimes of a provider ($1) and basis ($2) in a window ($3 to $4).
SELECT asset, ts, dominance, change_24h, regime, turned_from FROM dominance_regimes
WHERE provider = $1 AND basis = $2 AND ts >= $3 AND ts < $4
