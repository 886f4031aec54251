-- Where a refresh begins: the third newest candle of the hour up to a time, so that what a venue answers begins
-- with a candle that it is known to have.
SELECT min(ts) AS start
FROM (
    SELECT ts
    FROM ohlcv_1m
    WHERE instrument_id = %(instrument_id)s AND ts > %(until)s - INTERVAL '1 hour' AND ts <= %(until)s
    ORDER BY ts DESC
    LIMIT 3
) AS newest
