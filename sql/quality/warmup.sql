-- The last $3 candles of an instrument ($1) before a time ($2).
SELECT ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume
FROM (
    SELECT * FROM ohlcv_1m
    WHERE instrument_id = $1 AND ts < $2 ORDER BY ts DESC LIMIT $3
) AS newest
ORDER BY ts
