-- How far the tracked symbols' history has come: days that are over (and today's beginning), candles, scores.
WITH wanted AS (
    SELECT i.instrument_id, d::date AS day
    FROM instruments AS i
    CROSS JOIN LATERAL generate_series(
        greatest(i.history_start, date_trunc('day', i.listed_at, 'UTC')),
        date_trunc('day', now(), 'UTC') - INTERVAL '1 us', INTERVAL '1 day') AS d
    WHERE i.tracked AND i.problem IS NULL
)
SELECT count(*) AS wanted,
    count(*) FILTER (WHERE l.status = 'complete') AS done,
    count(*) FILTER (WHERE l.status = 'failed') AS failed,
    count(*) FILTER (WHERE EXISTS (
        SELECT FROM quality_daily AS q WHERE q.instrument_id = w.instrument_id AND q.day = w.day)) AS scored,
    (SELECT count(*) FROM ohlcv_1m) AS candles,
    (SELECT count(*) FROM ohlcv_dirty AS d JOIN timeframes AS t USING (timeframe)
    WHERE bar_start(t.length, d.day::timestamp AT TIME ZONE 'UTC') + greatest(t.length, INTERVAL '1 day')
        <= now()) AS dirty,
    (SELECT count(*) FROM (
        SELECT FROM data_sources GROUP BY dataset HAVING bool_and(state = 'waiting')) AS nobody_answered) + CASE
        WHEN EXISTS (SELECT FROM collectors) AND NOT EXISTS (
            SELECT FROM instruments AS i
            WHERE i.tracked AND i.kind = 'perpetual' AND NOT EXISTS (
                SELECT FROM ingest_ledger AS l WHERE l.instrument_id = i.instrument_id AND l.dataset <> 'ohlcv_1m')
        ) AND EXISTS (SELECT FROM long_short_readings) AND EXISTS (SELECT FROM taker_flow_periods) THEN 0 ELSE 1 END AS unasked
FROM wanted AS w
LEFT JOIN ingest_ledger AS l
    ON l.instrument_id = w.instrument_id AND l.dataset = 'ohlcv_1m' AND l.day = w.day
