-- How far apart are the venues' prices of Bitcoin, hour by hour?
-- minutes: minutes that at least two venues have; mean_bps, max_bps: highest close over the lowest of the same
-- minute, in basis points.
-- Change: the symbols taken as one, the window.
WITH minutes AS (
    SELECT ts, (max(close) / min(close) - 1) * 10000 AS spread_bps
    FROM ohlcv
    WHERE symbol IN ('BTC/USDT', 'BTC/USD')
        AND timeframe = '1m'
        AND ts >= now() - 7 * INTERVAL '24 hours'
    GROUP BY ts
    HAVING count(DISTINCT venue) >= 2
)
SELECT date_trunc('hour', ts, 'UTC') AS hour, count(*) AS minutes, avg(spread_bps) AS mean_bps,
    max(spread_bps) AS max_bps
FROM minutes
GROUP BY 1
ORDER BY 1;
