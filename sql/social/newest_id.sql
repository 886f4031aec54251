-- The newest post of a source whose ids rise with time.
SELECT post_id FROM social_posts
WHERE provider = %(provider)s AND lower(source) = lower(%(source)s) AND ts >= %(since)s
ORDER BY post_id::numeric DESC
LIMIT 1
