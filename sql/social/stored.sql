-- What is stored of posts, as far as a later sighting needs it.
SELECT text_id, ts, source, cluster_id, logic_version, known_at, author_hash IS NOT NULL AS has_author,
    deleted_at IS NOT NULL AS is_deleted
FROM social_posts
WHERE text_id = ANY(%(ids)s)
