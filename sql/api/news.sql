-- News with the coins that they tell of and the score that counts.
SELECT n.text_id, n.ts, n.provider, n.source, n.url, n.title, n.description AS body, n.published, n.language,
    n.cluster_id, n.cluster_id = n.text_id AS is_first, l.coins, s.score, s.confidence AS score_confidence, s.model,
    n.known_at
FROM news_events AS n
CROSS JOIN LATERAL (
    SELECT array_agg(DISTINCT k.coin ORDER BY k.coin) AS coins
    FROM text_links AS k
    WHERE k.text_id = n.text_id AND k.logic_version = (SELECT max(v.logic_version) FROM text_links AS v)
) AS l
LEFT JOIN LATERAL (
    SELECT p.score, p.confidence, p.model FROM sentiment_scores AS p
    WHERE p.text_id = n.text_id AND p.is_preferred
    LIMIT 1
) AS s ON true
WHERE {coin}::text[] IS NULL OR l.coins && {coin}::text[]
