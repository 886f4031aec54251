-- What a provider ($1) told of dominances in a window ($2 to $3), and when that was known.
SELECT ts, known_at, btc_dominance, eth_dominance, stablecoin_dominance
FROM market_metrics WHERE provider = $1 AND ts >= $2 AND ts < $3
