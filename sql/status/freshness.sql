-- Newest bar of each data set and how long ago it closed; null while it is forming.
SELECT venue, timeframe, native, count(*) AS symbols, max(ts) AS newest,
    CASE WHEN max(ts + length) <= now() THEN extract(epoch FROM now() - max(ts + length))::double precision END
        AS age_seconds
FROM (
    SELECT l.venue, l.timeframe, l.ts, false AS native
    FROM ohlcv_latest AS l
    UNION ALL
    SELECT i.venue, t.timeframe, n.ts, true
    FROM instruments AS i
    CROSS JOIN timeframes AS t
    CROSS JOIN LATERAL (
        SELECT ts FROM ohlcv_native AS b
        WHERE b.instrument_id = i.instrument_id AND b.timeframe_id = t.timeframe_id ORDER BY ts DESC LIMIT 1
    ) AS n
) AS newest
JOIN timeframes USING (timeframe)
GROUP BY venue, timeframe, native, minutes
ORDER BY venue, native, minutes
