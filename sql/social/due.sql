-- Posts whose texts are kept and that were neither seen first nor asked for since a time, the longest first.
SELECT post_id FROM social_posts
WHERE provider = %(provider)s AND deleted_at IS NULL AND forgotten_at IS NULL
    AND coalesce(checked_at, ts) < %(before)s
ORDER BY coalesce(checked_at, ts), text_id
LIMIT %(most)s
