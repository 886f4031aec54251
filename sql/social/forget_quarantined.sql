-- Posts in quarantine that are older than texts are kept.
DELETE FROM quarantine WHERE dataset = 'social_posts' AND first_seen < %(before)s
