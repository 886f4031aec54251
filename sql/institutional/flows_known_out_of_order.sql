-- By coin: rows of [$1, $2) known before their day was over, or before the revision before them was.
SELECT asset,
    count(*) FILTER (WHERE known_at < ts) AS known_too_soon,
    count(*) FILTER (WHERE known_at < before) AS revision_too_soon
FROM (
    SELECT asset, ts, known_at, lag(known_at) OVER (PARTITION BY provider, asset, fund, ts ORDER BY revision) AS before
    FROM etf_flows
    WHERE ts >= $1 AND ts < $2
) AS f
GROUP BY asset
ORDER BY asset
