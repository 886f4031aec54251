-- Which coins do most people talk about, and has that changed since the day before?
-- Posts of the last 24 hours. A person counts once for a coin however often they write (authors), and so does a text that
-- is posted again and again (stories); posts: all of them. Of posts whose author is not known any more the post counts
-- as one person. score: mean of the stories' mean scores by the newest version of a model, null where none has read them.
-- share: of all people who wrote about any coin. before: people of the day before; change: times as many as then.
-- Change: the hours; the model; the least number of people.
WITH asked AS (
    SELECT INTERVAL '24 hours' AS span, 'linear' AS model, 2 AS least
), rules AS (
    SELECT max(logic_version) AS logic_version FROM text_links
), version AS (
    SELECT s.model_version FROM text_scores AS s
    JOIN asked AS a ON s.model = a.model
    WHERE s.ts <= now() ORDER BY s.created_at DESC LIMIT 1
), said AS (
    SELECT l.coin, p.ts > now() - a.span AS is_new, p.text_id, p.cluster_id,
        coalesce(p.author_hash, p.text_id::text) AS author, s.score
    FROM asked AS a
    JOIN social_posts AS p ON p.ts > now() - 2 * a.span AND p.ts <= now()
    JOIN text_links AS l ON l.text_id = p.text_id
    JOIN rules AS r ON r.logic_version = l.logic_version
    LEFT JOIN version AS v ON true
    LEFT JOIN text_scores AS s ON s.text_id = p.text_id AND s.model = a.model AND s.model_version = v.model_version
), by_story AS (
    SELECT coin, cluster_id, avg(score) AS score FROM said
    WHERE is_new
    GROUP BY coin, cluster_id
), scores AS (
    SELECT coin, avg(score) AS score FROM by_story
    GROUP BY coin
), everybody AS (
    SELECT count(DISTINCT author) AS authors FROM said
    WHERE is_new
), counts AS (
    SELECT coin, count(DISTINCT author) FILTER (WHERE is_new) AS authors,
        count(DISTINCT cluster_id) FILTER (WHERE is_new) AS stories, count(DISTINCT text_id) FILTER (WHERE is_new) AS posts,
        count(DISTINCT author) FILTER (WHERE NOT is_new) AS before
    FROM said
    GROUP BY coin
)
SELECT c.coin, c.authors, c.stories, c.posts, c.authors::double precision / e.authors AS share, c.before,
    c.authors::double precision / nullif(c.before, 0) AS change, s.score
FROM counts AS c
JOIN scores AS s USING (coin)
CROSS JOIN everybody AS e
CROSS JOIN asked AS a
WHERE c.authors >= a.least
ORDER BY c.authors DESC, c.coin;
