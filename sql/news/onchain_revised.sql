-- By provider and metric: figures of [$1, $2), how many were told otherwise later, and how many more than $3 times.
SELECT provider, metric, count(*) AS figures, count(*) FILTER (WHERE revision > 0) AS revised,
    count(*) FILTER (WHERE revision > $3) AS unsettled
FROM onchain_metrics
WHERE ts >= $1 AND ts < $2
GROUP BY provider, metric
ORDER BY provider, metric
