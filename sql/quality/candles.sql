-- Candles of an instrument ($1) in a window ($2 to $3) with the delay of those that came live: within eleven
-- minutes of their close, and while the symbol was tracked.
SELECT c.ts, c.open, c.high, c.low, c.close, c.volume, c.quote_volume, c.trades, c.taker_buy_volume,
    CASE WHEN c.received_at < c.ts + INTERVAL '11 minutes' AND c.ts >= i.tracked_at
        THEN extract(epoch FROM c.received_at - c.ts - INTERVAL '1 minute')::double precision END AS live_delay
FROM ohlcv_1m AS c
JOIN instruments AS i USING (instrument_id)
WHERE c.instrument_id = $1 AND c.ts >= $2 AND c.ts < $3
ORDER BY c.ts
