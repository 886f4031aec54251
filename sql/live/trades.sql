-- The newest seconds of trades of an instrument, oldest first.
SELECT * FROM (
    SELECT ts, trades, buy_volume, sell_volume, buy_value, sell_value, open, high, low, close, missing, complete,
        received_at
    FROM trades_1s
    WHERE instrument_id = %(instrument_id)s AND ts >= now() - INTERVAL '1 hour'
    ORDER BY ts DESC LIMIT %(most)s
) AS newest
ORDER BY ts
