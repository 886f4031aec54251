-- A row where posts of a source are stored.
SELECT source FROM social_posts WHERE provider = %(provider)s AND lower(source) = lower(%(source)s) LIMIT 1
