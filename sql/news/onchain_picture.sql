-- Daily figures of a coin ($1) in [$2, $3).
SELECT provider, metric, unit, ts, value
FROM onchain_metrics
WHERE coin = $1 AND sampled = 'day' AND ts >= $2 AND ts < $3
    AND metric IN ('hash_rate', 'difficulty', 'transactions', 'active_addresses', 'fees_usd', 'miners_revenue_usd')
    AND provider = 'blockchain_info'
ORDER BY array_position(
    ARRAY['hash_rate', 'difficulty', 'transactions', 'active_addresses', 'fees_usd', 'miners_revenue_usd'], metric
), ts
