-- The newest closed minutes of an instrument, oldest first.
SELECT * FROM (
    SELECT ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume, received_at
    FROM ohlcv_1m
    WHERE instrument_id = %(instrument_id)s AND ts >= %(since)s
    ORDER BY ts DESC LIMIT %(most)s
) AS newest
ORDER BY ts
