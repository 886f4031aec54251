-- Removals of a window ($1 to $2) whose post is not empty.
SELECT r.reason, count(*) FILTER (WHERE CASE r.reason WHEN 'author' THEN p.author_hash IS NOT NULL
            ELSE coalesce(p.title, p.body, p.url) IS NOT NULL END)::bigint AS not_emptied
FROM social_removals AS r
JOIN social_posts AS p USING (text_id)
WHERE r.ts >= $1 AND r.ts < $2
GROUP BY r.reason
