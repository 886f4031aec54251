-- By provider: figures of [$1, $2) known before they could be told, or before the revision before them was.
SELECT provider,
    count(*) FILTER (WHERE known_at < scheduled_at) AS known_too_soon,
    count(*) FILTER (WHERE known_at < before) AS revision_too_soon
FROM (
    SELECT provider, scheduled_at, known_at,
        lag(known_at) OVER (PARTITION BY provider, coin, metric, sampled, ts ORDER BY revision) AS before
    FROM onchain_vintages
    WHERE ts >= $1 AND ts < $2
) AS f
GROUP BY provider
ORDER BY provider
