-- The newest closed 1m candles of an instrument, oldest first.
SELECT ts, open, high, low, close, volume
FROM (
    SELECT ts, open, high, low, close, volume
    FROM ohlcv_1m
    WHERE instrument_id = %(instrument_id)s AND ts >= now() - INTERVAL '6 hours'
    ORDER BY ts DESC
    LIMIT %(bars)s
) AS newest
ORDER BY ts
