-- As the view onchain_metrics, of what was known then.
SELECT DISTINCT ON (v.provider, v.coin, v.metric, v.sampled, v.ts) v.provider, v.coin, v.metric, v.sampled, v.ts,
    v.value, v.unit, v.scheduled_at, v.known_at,
    min(v.known_at) OVER (PARTITION BY v.provider, v.coin, v.metric, v.sampled, v.ts) AS first_known_at, v.revision
FROM onchain_vintages AS v
WHERE v.known_at <= {as_of}
ORDER BY v.provider, v.coin, v.metric, v.sampled, v.ts, v.revision DESC
