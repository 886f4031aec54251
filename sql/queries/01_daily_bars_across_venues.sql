-- How did Bitcoin close on each venue, day by day, in the last week?
-- day: UTC day; <venue>: close in the venue's quote currency; volume: size traded on all of them, in BTC;
-- spread_bps: highest close over the lowest, in basis points.
-- Change: the base currency, the quotes taken as one, the window.
SELECT (ts AT TIME ZONE 'UTC')::date AS day,
    max(close) FILTER (WHERE venue = 'binance') AS binance,
    max(close) FILTER (WHERE venue = 'bybit') AS bybit,
    max(close) FILTER (WHERE venue = 'coinbase') AS coinbase,
    sum(volume) AS volume,
    (max(close) / min(close) - 1) * 10000 AS spread_bps
FROM ohlcv
WHERE symbol IN ('BTC/USDT', 'BTC/USD')
    AND timeframe = '1d'
    AND ts >= date_trunc('day', now(), 'UTC') - 7 * INTERVAL '24 hours'
GROUP BY 1
ORDER BY 1;
