-- The newest close of every tracked instrument that was closed by a time, if it is no older than so many seconds.
SELECT i.venue, i.symbol, newest.close, newest.ts + INTERVAL '1 minute' AS closed_at
FROM instruments AS i
CROSS JOIN LATERAL (
    SELECT c.close, c.ts
    FROM ohlcv_1m AS c
    WHERE c.instrument_id = i.instrument_id AND c.ts <= %(at)s - INTERVAL '1 minute'
        AND c.ts > %(at)s - INTERVAL '1 minute' - %(seconds)s * INTERVAL '1 second'
    ORDER BY c.ts DESC
    LIMIT 1
) AS newest
WHERE i.tracked
