-- Posts were asked for again, and are still there.
UPDATE social_posts SET checked_at = %(at)s WHERE text_id = ANY(%(ids)s)
