-- Bitcoin's dominance by CoinGecko with its regimes in a window ($1 to $2), of the market and of main coins.
SELECT basis, ts, dominance, regime, turned_from, change_24h FROM dominance_regimes
WHERE provider = 'coingecko' AND asset = 'btc' AND ts >= $1 AND ts < $2
ORDER BY basis, ts
