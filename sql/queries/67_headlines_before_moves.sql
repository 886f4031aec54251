-- Which headlines preceded the 5 % move?
-- Hours in which a symbol went 5 % or more from open to close, and the stories about its coin that were first seen within
-- the six hours before the hour began: copies: articles of the story that were known by then; minutes_before: from the
-- first of them to the hour; score: of the first article by the newest model that could read it. Nothing here says that a
-- story moved the price: compare with hours that did not move.
-- Change: the size of a move, the hours before, the days, the venue.
WITH moves AS (
    SELECT o.instrument_id, o.venue, o.symbol, i.base, o.ts, o.close / o.open - 1 AS move
    FROM ohlcv AS o
    JOIN instruments AS i USING (instrument_id)
    WHERE o.timeframe = '1h' AND o.ts >= now() - 30 * INTERVAL '24 hours' AND o.ts <= now()
        AND abs(o.close / o.open - 1) >= 0.05
), told AS (
    SELECT m.instrument_id, m.ts, n.cluster_id, min(n.ts) AS first_seen, count(*) AS copies,
        count(DISTINCT n.source) AS outlets
    FROM moves AS m
    JOIN text_links AS l ON l.coin = m.base AND l.ts >= m.ts - INTERVAL '6 hours' AND l.ts < m.ts
        AND l.logic_version = (SELECT max(logic_version) FROM text_links)
    JOIN news_events AS n ON n.text_id = l.text_id
    GROUP BY m.instrument_id, m.ts, n.cluster_id
)
SELECT m.venue, m.symbol, m.ts, m.move, t.first_seen, extract(EPOCH FROM m.ts - t.first_seen)::integer / 60 AS minutes_before,
    f.source, f.title, t.copies, t.outlets, s.score, s.model
FROM moves AS m
JOIN told AS t USING (instrument_id, ts)
JOIN LATERAL (
    SELECT * FROM news_events AS n WHERE n.cluster_id = t.cluster_id AND n.ts >= t.first_seen ORDER BY n.ts, n.text_id LIMIT 1
) AS f ON true
LEFT JOIN LATERAL (
    SELECT score, model FROM text_scores AS s
    WHERE s.text_id = f.text_id AND s.score IS NOT NULL
    ORDER BY created_at DESC LIMIT 1
) AS s ON true
ORDER BY m.ts DESC, m.venue, m.symbol, t.first_seen, t.cluster_id;
