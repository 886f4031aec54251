CREATE OR REPLACE VIEW news_stories AS
WITH versions AS (
    SELECT max(logic_version) AS links FROM text_links
)
SELECT f.cluster_id, f.ts AS first_seen, s.last_seen, f.title, f.description, f.url, f.source, f.published, f.language,
    s.texts, s.outlets, s.told_by, l.coins
FROM news_events AS f
CROSS JOIN versions AS v
CROSS JOIN LATERAL (
    SELECT max(n.ts) AS last_seen, count(DISTINCT n.text_id) AS texts, count(DISTINCT n.source) AS outlets,
        count(DISTINCT g.feed) AS told_by
    FROM news_events AS n
    LEFT JOIN news_sightings AS g USING (text_id)
    WHERE n.cluster_id = f.cluster_id
) AS s
CROSS JOIN LATERAL (
    SELECT array_agg(DISTINCT k.coin ORDER BY k.coin) AS coins
    FROM news_events AS n
    JOIN text_links AS k ON k.text_id = n.text_id AND k.logic_version = v.links
    WHERE n.cluster_id = f.cluster_id
) AS l
WHERE f.cluster_id = f.text_id;
COMMENT ON VIEW news_stories IS 'Stories, a row each: the article that was seen first, how many copies of it there are, who told it and about which coins.';
COMMENT ON COLUMN news_stories.cluster_id IS 'The story: text_id of its first article (news_events.cluster_id of all of them).';
COMMENT ON COLUMN news_stories.first_seen IS 'When it was first seen here: since then it is known.';
COMMENT ON COLUMN news_stories.last_seen IS 'When the latest copy of it was first seen, within 72 hours. Later copies change this row: what was known before, ask news_events for.';
COMMENT ON COLUMN news_stories.title IS 'Headline of the first article.';
COMMENT ON COLUMN news_stories.description IS 'What follows its headline.';
COMMENT ON COLUMN news_stories.url IS 'Its canonical address.';
COMMENT ON COLUMN news_stories.source IS 'Its outlet.';
COMMENT ON COLUMN news_stories.published IS 'When it was published, as far as that is told and believed.';
COMMENT ON COLUMN news_stories.language IS 'Its language (ISO 639-1).';
COMMENT ON COLUMN news_stories.texts IS 'Articles of the story, the first among them.';
COMMENT ON COLUMN news_stories.outlets IS 'Outlets that published it.';
COMMENT ON COLUMN news_stories.told_by IS 'Sources that it was collected from (news_feeds).';
COMMENT ON COLUMN news_stories.coins IS 'Coins that any of its articles is linked to by the newest rules; null where none is.';
