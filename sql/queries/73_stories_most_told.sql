-- Which stories did most sources tell this week, and what did price do afterwards?
-- sources: who told it, of stories first seen in the window; hours: from the first text to the last; coins: whom its texts
-- are about; score: of the first text that the model read; day_return: of the first coin by name that is tracked, from the
-- open of the first hour that began after the story was seen, over 24 hours; null while they are not over.
-- Change: the window, the venue, the model, the number.
WITH told AS (
    SELECT cluster_id, count(DISTINCT source) AS sources, count(*) AS texts, min(ts) AS first_seen, max(ts) AS last_seen
    FROM texts
    WHERE ts >= now() - INTERVAL '168 hours' AND known_at <= now()
    GROUP BY cluster_id
    HAVING bool_or(is_first)
), most AS (
    SELECT * FROM told ORDER BY sources DESC, texts DESC, first_seen, cluster_id LIMIT 20
)
SELECT m.first_seen, f.title, f.url, m.sources, m.texts, extract(EPOCH FROM m.last_seen - m.first_seen) / 3600 AS hours,
    c.coins, s.score, p.symbol, p.day_return
FROM most AS m
LEFT JOIN LATERAL (
    SELECT t.title, t.url FROM texts AS t WHERE t.cluster_id = m.cluster_id ORDER BY t.ts, t.text_id LIMIT 1
) AS f ON true
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT l.coin ORDER BY l.coin) AS coins
    FROM texts AS t JOIN text_links AS l USING (text_id) WHERE t.cluster_id = m.cluster_id AND t.known_at <= now()
) AS c ON true
LEFT JOIN LATERAL (
    SELECT o.score FROM texts AS t JOIN text_scores AS o USING (text_id)
    WHERE t.cluster_id = m.cluster_id AND o.model = 'linear' AND o.score IS NOT NULL AND t.known_at <= now()
    ORDER BY t.ts, t.text_id, o.model_version DESC LIMIT 1
) AS s ON true
LEFT JOIN LATERAL (
    SELECT i.symbol, e.close / b.open - 1 AS day_return
    FROM instruments AS i
    LEFT JOIN bars AS b ON b.instrument_id = i.instrument_id AND b.timeframe_id = 60
        AND b.ts = date_trunc('hour', m.first_seen, 'UTC') + INTERVAL '1 hour'
    LEFT JOIN bars AS e ON e.instrument_id = i.instrument_id AND e.timeframe_id = 60 AND e.ts = b.ts + INTERVAL '23 hours'
        AND e.ts + INTERVAL '1 hour' <= now()
    WHERE i.tracked AND i.venue = 'binance' AND i.base = ANY(c.coins)
    ORDER BY i.base, i.symbol LIMIT 1
) AS p ON true
ORDER BY m.sources DESC, m.texts DESC, m.first_seen, m.cluster_id;
