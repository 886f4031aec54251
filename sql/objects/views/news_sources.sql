CREATE OR REPLACE VIEW news_sources AS
SELECT d.source AS feed, d.state, coalesce(d.why, c.missing ->> d.source, f.note) AS why, f.url, d.answered_at,
    f.ts AS changed_at,
    f.newest_at, f.newest_published, f.items, s.articles_24h, s.first_24h, s.median_delay
FROM data_sources AS d
JOIN collectors AS c USING (collector)
LEFT JOIN news_feeds AS f ON f.feed = d.source
CROSS JOIN LATERAL (
    SELECT count(DISTINCT g.text_id) AS articles_24h, count(DISTINCT g.text_id) FILTER (WHERE n.ts = g.ts) AS first_24h,
        make_interval(secs => percentile_cont(0.5) WITHIN GROUP (
            ORDER BY extract(EPOCH FROM g.ts - g.published)) FILTER (WHERE g.published IS NOT NULL)) AS median_delay
    FROM news_sightings AS g
    JOIN news_events AS n USING (text_id)
    WHERE g.feed = d.source AND g.ts > clock_timestamp() - INTERVAL '24 hours'
) AS s
WHERE d.dataset = 'news_events';
COMMENT ON VIEW news_sources IS 'Sources of news as they are now: whether each answers, what it brought within a day, and how late.';
COMMENT ON COLUMN news_sources.feed IS 'The source: domain of an outlet''s feed, gdelt, newsapi.';
COMMENT ON COLUMN news_sources.state IS 'answers, fails, silent, waiting or off (data_sources).';
COMMENT ON COLUMN news_sources.why IS 'Why it does not answer, or what was amiss with its latest answer; null where all is well.';
COMMENT ON COLUMN news_sources.url IS 'Where it is asked: host and path.';
COMMENT ON COLUMN news_sources.answered_at IS 'When it last answered, be it that nothing has changed.';
COMMENT ON COLUMN news_sources.changed_at IS 'When it last answered in full.';
COMMENT ON COLUMN news_sources.newest_at IS 'When it last brought an article that was not known.';
COMMENT ON COLUMN news_sources.newest_published IS 'The latest time of publication in its last full answer that is believed.';
COMMENT ON COLUMN news_sources.items IS 'Articles of its last full answer.';
COMMENT ON COLUMN news_sources.articles_24h IS 'Articles that it told for the first time within 24 hours.';
COMMENT ON COLUMN news_sources.first_24h IS 'Those of them that nobody had told before.';
COMMENT ON COLUMN news_sources.median_delay IS 'Median time from publication to when it was seen, of these as far as that is told.';
