-- As the view fear_greed, of what was known then.
SELECT DISTINCT ON (v.provider, v.ts) v.provider, v.ts, v.value, v.classification, v.scheduled_at, v.known_at,
    min(v.known_at) OVER (PARTITION BY v.provider, v.ts) AS first_known_at, v.revision
FROM fear_greed_vintages AS v
WHERE v.known_at <= {as_of}
ORDER BY v.provider, v.ts, v.revision DESC
