-- Candles of an instrument ($1) in a window ($2 to $3) with the delay of those that came live (11 minutes at most).
SELECT ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
    CASE WHEN received_at < ts + INTERVAL '11 minutes'
        THEN extract(epoch FROM received_at - ts - INTERVAL '1 minute')::double precision END AS live_delay
FROM ohlcv_1m
WHERE instrument_id = $1 AND ts >= $2 AND ts < $3
ORDER BY ts
