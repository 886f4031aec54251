-- Whose mood moved most in a day, and what did its price do?
-- The newest whole hour with a score against the same a day before, of each tracked symbol; change: the difference, of at
-- most 2; day_return: of the price between the closes of the same hours, so that it says who moved along, not who came
-- first. least: stories that each of both has to rest on; with few of them one article is a mood.
-- Change: least, the window, the order.
WITH asked AS (
    SELECT 3 AS least
), hours AS (
    SELECT coin, ts, known_at, score, zscore, stories, sources
    FROM sentiment_aggregates
    WHERE hours = 24 AND is_main AND score IS NOT NULL AND known_at <= now() AND ts >= now() - INTERVAL '49 hours'
), newest AS (
    SELECT DISTINCT ON (coin) * FROM hours WHERE ts >= now() - INTERVAL '25 hours' ORDER BY coin, ts DESC
)
SELECT i.venue, i.symbol, n.known_at, n.score, b.score AS score_before, n.score - b.score AS change, n.zscore, n.stories,
    n.sources, p.close / q.close - 1 AS day_return
FROM asked AS a
CROSS JOIN newest AS n
JOIN hours AS b ON b.coin = n.coin AND b.ts = n.ts - INTERVAL '24 hours'
JOIN instruments AS i ON i.base = n.coin AND i.tracked
LEFT JOIN bars AS p ON p.instrument_id = i.instrument_id AND p.timeframe_id = 60 AND p.ts = n.ts
LEFT JOIN bars AS q ON q.instrument_id = i.instrument_id AND q.timeframe_id = 60 AND q.ts = b.ts
WHERE n.stories >= a.least AND b.stories >= a.least
ORDER BY abs(n.score - b.score) DESC, i.venue, i.symbol
LIMIT 20;
