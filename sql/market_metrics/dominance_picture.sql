-- The newest row of each hour and provider in a window ($1 to $2).
SELECT DISTINCT ON (provider, date_trunc('hour', ts, 'UTC'))
    provider, ts, btc_dominance, eth_dominance, stablecoin_dominance
FROM market_metrics WHERE ts >= $1 AND ts < $2
ORDER BY provider, date_trunc('hour', ts, 'UTC'), ts DESC
