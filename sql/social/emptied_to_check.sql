-- Posts of a window ($1 to $2) by provider: what is left of those that were taken down, of those that were forgotten,
-- and texts that are older than $3 seconds.
SELECT p.provider, count(*) FILTER (WHERE p.deleted_at IS NOT NULL AND t.is_there)::bigint AS deleted_with_text,
    count(*) FILTER (WHERE p.deleted_at IS NOT NULL AND p.author_hash IS NOT NULL)::bigint AS deleted_with_author,
    count(*) FILTER (WHERE p.forgotten_at IS NOT NULL AND t.is_there)::bigint AS forgotten_with_text,
    count(*) FILTER (WHERE t.is_there AND p.ts < clock_timestamp() - make_interval(secs => $3))::bigint AS kept_too_long
FROM social_posts AS p
CROSS JOIN LATERAL (SELECT coalesce(p.title, p.body, p.url) IS NOT NULL AS is_there) AS t
WHERE p.ts >= $1 AND p.ts < $2
GROUP BY p.provider
