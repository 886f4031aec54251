-- What did the candles of a symbol say at a time in the past, before later corrections?
-- received_at: when these values had reached us; corrected: whether they were replaced or undone afterwards. A candle
-- that came only later is not there: nobody could have used it then.
-- Change: the venue and symbol, the moment (received before it, revised after it), the window.
SELECT DISTINCT ON (v.ts) v.ts, v.open, v.high, v.low, v.close, v.volume, v.received_at, v.corrected
FROM (
    SELECT instrument_id, ts, open, high, low, close, volume, received_at, 'infinity'::timestamptz AS revised_at,
        false AS corrected
    FROM ohlcv_1m
    UNION ALL
    SELECT instrument_id, ts, open, high, low, close, volume, received_at, revised_at, true
    FROM ohlcv_revisions
    WHERE timeframe_id = 1
) AS v
JOIN instruments AS i USING (instrument_id)
WHERE i.venue = 'binance' AND i.symbol = 'BTC/USDT'
    AND v.received_at <= date_trunc('day', now(), 'UTC') AND v.revised_at > date_trunc('day', now(), 'UTC')
    AND v.ts >= date_trunc('day', now(), 'UTC') - INTERVAL '24 hours'
    AND v.ts < date_trunc('day', now(), 'UTC')
ORDER BY v.ts, v.received_at DESC;
