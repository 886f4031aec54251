-- Shares of some coins ($1) among themselves by the hour in a window ($2 to $3), by the past that was fetched: hours of
-- which every one of them has a cap. Sums are in one order: else their last digits would depend on the plan.
SELECT max(ts) AS ts, max(known_at) AS known_at,
    100 * sum(market_cap ORDER BY coin) FILTER (WHERE symbol = 'BTC') / sum(market_cap ORDER BY coin) AS btc_dominance,
    100 * sum(market_cap ORDER BY coin) FILTER (WHERE symbol = 'ETH') / sum(market_cap ORDER BY coin) AS eth_dominance,
    100 * sum(market_cap ORDER BY coin) FILTER (WHERE symbol IN ('USDT', 'USDC'))
    / sum(market_cap ORDER BY coin) AS stablecoin_dominance
FROM (
    SELECT DISTINCT ON (coin, date_trunc('hour', ts, 'UTC')) coin, symbol, ts, known_at, market_cap,
        date_trunc('hour', ts, 'UTC') AS hour
    FROM coin_metrics
    WHERE provider = 'coingecko' AND vintage = 'history' AND coin = ANY($1::text[]) AND ts >= $2 AND ts < $3 AND market_cap > 0
    ORDER BY coin, date_trunc('hour', ts, 'UTC'), ts
) AS hours
GROUP BY hour
HAVING count(*) = cardinality($1::text[])
