-- The last look of a collector, and the oldest text since a moment of which something has changed since then: a link or a
-- score that came late, a post that was deleted.
SELECT l.since, least(
    (SELECT min(s.ts) FROM text_scores AS s WHERE s.ts >= %(oldest)s AND s.created_at > l.since - INTERVAL '2 minutes'),
    (SELECT min(t.ts) FROM text_links AS t WHERE t.ts >= %(oldest)s AND t.created_at > l.since - INTERVAL '2 minutes'),
    (SELECT min(p.ts) FROM social_posts AS p WHERE p.ts >= %(oldest)s AND p.deleted_at > l.since - INTERVAL '2 minutes')
) AS changed
FROM (
    SELECT least(max(asked_at), max(answered_at)) AS since FROM collectors WHERE collector = %(collector)s
) AS l
