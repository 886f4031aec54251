-- What was the volume-weighted average price of each day?
-- vwap: traded value / traded size; exact: whether the venue told the value of every minute, otherwise the
-- minutes without one count with their typical price (high + low + close) / 3.
-- Change: the symbol, the window.
SELECT venue, symbol, (ts AT TIME ZONE 'UTC')::date AS day,
    sum(coalesce(quote_volume, volume * (high + low + close) / 3)) / nullif(sum(volume), 0) AS vwap,
    bool_and(quote_volume IS NOT NULL) AS exact,
    sum(volume) AS volume
FROM ohlcv
WHERE symbol IN ('BTC/USDT', 'BTC/USD')
    AND timeframe = '1m'
    AND ts >= date_trunc('day', now(), 'UTC') - 7 * INTERVAL '24 hours'
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3;
