-- What was said of a symbol's coin, hour by hour, and what does each model make of it?
-- Of stories once (is_first), of the last week; hours in which nothing was said have no row. texts: copies as well.
-- score: mean of the stories' scores by the model that is preferred, each weighed by how sure it is; lexicon, linear: the
-- plain mean by each. apart: stories of which one model says good and the other bad. unread: without any score.
-- Change: symbol and length in asked.
WITH asked AS (
    SELECT 'binance' AS venue, 'BTC/USDT' AS symbol, INTERVAL '7 days' AS length
), said AS (
    SELECT i.venue, i.symbol, date_bin('1 hour', s.ts, TIMESTAMPTZ '2000-01-01 00:00Z') AS hour, s.text_id, s.is_first,
        max(s.score) FILTER (WHERE s.is_preferred) AS score, max(s.confidence) FILTER (WHERE s.is_preferred) AS sure,
        max(s.score) FILTER (WHERE s.model = 'lexicon') AS lexicon, max(s.score) FILTER (WHERE s.model = 'linear') AS linear
    FROM asked AS a
    JOIN instruments AS i USING (venue, symbol)
    JOIN sentiment_data AS s ON s.coin = i.base
    WHERE s.ts >= now() - a.length AND s.ts < now()
    GROUP BY i.venue, i.symbol, hour, s.text_id, s.is_first
)
SELECT venue, symbol, hour, count(*) AS texts, count(*) FILTER (WHERE is_first) AS stories,
    sum(score * sure) FILTER (WHERE is_first) / nullif(sum(sure) FILTER (WHERE is_first), 0) AS score,
    avg(lexicon) FILTER (WHERE is_first) AS lexicon, avg(linear) FILTER (WHERE is_first) AS linear,
    count(*) FILTER (WHERE is_first AND lexicon * linear < 0) AS apart,
    count(*) FILTER (WHERE is_first AND score IS NULL) AS unread
FROM said
GROUP BY venue, symbol, hour
ORDER BY hour DESC;
