-- How much did each symbol lose at worst from a high, in the last 30 days?
-- drawdown: lowest close relative to the highest close before it: -0.2 is a loss of 20 %; bottom: when (open
-- time of the 5m bar); high_before: the close it fell from.
-- Change: the window.
WITH path AS (
    SELECT venue, symbol, ts, close,
        max(close) OVER (PARTITION BY venue, symbol ORDER BY ts) AS high_so_far
    FROM ohlcv
    WHERE timeframe = '5m' AND ts >= now() - 30 * INTERVAL '24 hours'
)
SELECT DISTINCT ON (venue, symbol) venue, symbol, close / high_so_far - 1 AS drawdown, ts AS bottom,
    high_so_far AS high_before
FROM path
ORDER BY venue, symbol, close / high_so_far, ts;
