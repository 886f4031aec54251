CREATE OR REPLACE VIEW sentiment_now AS
SELECT
    i.venue, i.symbol, i.base AS coin, s.known_at, s.model, s.score, s.score - d.score AS change_24h, s.zscore, s.disagreement,
    s.texts AS texts_24h, s.stories AS stories_24h, s.sources AS sources_24h, n.newest_text_at,
    extract(EPOCH FROM now() - s.known_at)::double precision AS age_seconds, m.score AS market_score, i.instrument_id
FROM instruments AS i
LEFT JOIN LATERAL (
    SELECT * FROM sentiment_aggregates AS a
    WHERE a.coin = i.base AND a.hours = 24 AND a.is_main AND a.score IS NOT NULL AND a.known_at <= now()
    ORDER BY a.ts DESC LIMIT 1
) AS s ON true
LEFT JOIN LATERAL (
    SELECT a.score FROM sentiment_aggregates AS a
    WHERE a.coin = s.coin AND a.hours = 24 AND a.model = s.model AND a.ts = s.ts - INTERVAL '24 hours'
) AS d ON true
LEFT JOIN LATERAL (
    SELECT max(l.ts) AS newest_text_at FROM text_links AS l WHERE l.coin = i.base AND l.ts <= now()
) AS n ON true
LEFT JOIN LATERAL sentiment_at('market', now()) AS m ON true
WHERE i.tracked AND (i.delisted_at IS NULL OR i.delisted_at > now());
COMMENT ON VIEW sentiment_now IS 'What was last said of the coin of each tracked symbol, and how old that is. Null where nothing was.';
COMMENT ON COLUMN sentiment_now.venue IS 'Venue.';
COMMENT ON COLUMN sentiment_now.symbol IS 'Unified symbol.';
COMMENT ON COLUMN sentiment_now.coin IS 'Its base, whose sentiment it is.';
COMMENT ON COLUMN sentiment_now.known_at IS 'End of the newest hour with a score: since when it is known.';
COMMENT ON COLUMN sentiment_now.model IS 'Model of the score.';
COMMENT ON COLUMN sentiment_now.score IS 'Weighted mean of the stories of 24 hours, -1 (bad) to 1 (good).';
COMMENT ON COLUMN sentiment_now.change_24h IS 'The same less that of 24 hours before; null where there was none.';
COMMENT ON COLUMN sentiment_now.zscore IS 'Score against the 7 days before, in standard deviations.';
COMMENT ON COLUMN sentiment_now.disagreement IS '0: all stories that take a side take the same; 1: half against half.';
COMMENT ON COLUMN sentiment_now.texts_24h IS 'Texts of those 24 hours.';
COMMENT ON COLUMN sentiment_now.stories_24h IS 'Stories of those 24 hours.';
COMMENT ON COLUMN sentiment_now.sources_24h IS 'Sources of those 24 hours.';
COMMENT ON COLUMN sentiment_now.newest_text_at IS 'When the newest text about the coin was seen, scored or not.';
COMMENT ON COLUMN sentiment_now.age_seconds IS 'Seconds since known_at.';
COMMENT ON COLUMN sentiment_now.market_score IS 'Score of all texts; null where it is older than a day.';
COMMENT ON COLUMN sentiment_now.instrument_id IS 'Key of the instrument, for joins.';
