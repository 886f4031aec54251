-- Days of tracked symbols, and of providers' series, whose fetch failed more than once, by venue or provider and, but
-- for candles, data set, with the newest words.
SELECT l.provider || CASE WHEN l.dataset = 'ohlcv_1m' THEN '' ELSE ' ' || l.dataset END AS venue, count(*) AS days,
    array_agg(DISTINCT l.series ORDER BY l.series) AS symbols,
    max(l.attempts) AS attempts, (array_agg(l.error_kind ORDER BY l.updated_at DESC))[1] AS error_kind,
    (array_agg(l.error ORDER BY l.updated_at DESC))[1] AS error
FROM fetched_days AS l
WHERE l.status = 'failed' AND l.attempts >= %(attempts)s AND l.tracked
GROUP BY l.provider, l.dataset
ORDER BY l.provider, l.dataset
