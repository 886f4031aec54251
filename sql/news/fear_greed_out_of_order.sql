-- By provider: rows of [$1, $2) known before their day began, or before the revision before them was.
SELECT provider,
    count(*) FILTER (WHERE known_at < ts) AS known_too_soon,
    count(*) FILTER (WHERE known_at < before) AS revision_too_soon
FROM (
    SELECT provider, ts, known_at, lag(known_at) OVER (PARTITION BY provider, ts ORDER BY revision) AS before
    FROM fear_greed_vintages
    WHERE ts >= $1 AND ts < $2
) AS f
GROUP BY provider
ORDER BY provider
