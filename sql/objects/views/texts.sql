CREATE OR REPLACE VIEW texts AS
SELECT n.text_id, n.ts, 'news'::text AS kind, n.provider, n.source, n.url, n.title, n.description AS body, n.published,
    n.language, n.cluster_id, n.cluster_id = n.text_id AS is_first, n.known_at
FROM news_events AS n
UNION ALL
SELECT s.text_id, s.ts, 'social'::text, s.provider, s.source, s.url, s.title, s.body, s.published, s.language,
    s.cluster_id, s.cluster_id = s.text_id, s.known_at
FROM social_posts AS s
WHERE s.deleted_at IS NULL;
COMMENT ON VIEW texts IS 'News and posts in one, but for those that were deleted.';
COMMENT ON COLUMN texts.text_id IS 'Id of the text.';
COMMENT ON COLUMN texts.ts IS 'When it was first seen here.';
COMMENT ON COLUMN texts.kind IS 'news or social.';
COMMENT ON COLUMN texts.provider IS 'How it came: rss, gdelt, newsapi, reddit, x.';
COMMENT ON COLUMN texts.source IS 'Who published it: the outlet''s domain, the subreddit, the search.';
COMMENT ON COLUMN texts.url IS 'Its address.';
COMMENT ON COLUMN texts.title IS 'Headline or title; null where posts have none, or it is no longer kept.';
COMMENT ON COLUMN texts.body IS 'What follows the headline, or the post itself.';
COMMENT ON COLUMN texts.published IS 'When it was published, as the source says; null where that is not told or not believed.';
COMMENT ON COLUMN texts.language IS 'Language as ISO 639-1; null where it could not be told.';
COMMENT ON COLUMN texts.cluster_id IS 'The story; copies share it.';
COMMENT ON COLUMN texts.is_first IS 'Whether it is the text of its story that was seen first.';
COMMENT ON COLUMN texts.known_at IS 'When it was known here.';
