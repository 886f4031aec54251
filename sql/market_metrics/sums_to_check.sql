-- Rows of a window ($1 to $2) with what Bitcoin, Ether and stablecoins are together.
SELECT provider, ts,
    coalesce(btc_dominance, 0) + coalesce(eth_dominance, 0) + coalesce(stablecoin_dominance, 0) AS together
FROM market_metrics WHERE ts >= $1 AND ts < $2
