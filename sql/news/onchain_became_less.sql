-- By provider and coin: how often height or supply was less than just before; from three days before $1, to $2.
SELECT provider, coin, metric, count(*) FILTER (WHERE value < before AND ts >= $1) AS became_less
FROM (
    SELECT provider, coin, metric, ts, value,
        lag(value) OVER (PARTITION BY provider, coin, metric, sampled ORDER BY ts) AS before
    FROM onchain_metrics
    WHERE metric IN ('block_height', 'supply') AND ts >= $1::timestamptz - INTERVAL '72 hours' AND ts < $2
) AS f
GROUP BY provider, coin, metric
ORDER BY provider, coin, metric
