-- Set posts of a day's budget aside before they are asked for; no row where that would be more than is allowed.
INSERT INTO social_spending AS s (provider, day, purpose, posts, requests)
SELECT %(provider)s, %(day)s, %(purpose)s, %(posts)s::bigint, 1
WHERE %(posts)s::bigint <= %(allowed)s::bigint
ON CONFLICT (provider, day, purpose) DO UPDATE SET posts = s.posts + excluded.posts, requests = s.requests + 1
WHERE s.posts + excluded.posts <= %(allowed)s::bigint
RETURNING s.posts
