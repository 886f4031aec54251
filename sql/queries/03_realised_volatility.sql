-- How volatile was each symbol in the last 30 days?
-- returns: number of 1h log returns (only between bars that follow each other, so that a gap makes none);
-- volatility: their sample standard deviation, annualised with sqrt(24 * 365): 0.6 is 60 % a year.
-- Change: the window.
WITH returns AS (
    SELECT venue, symbol, ts,
        CASE WHEN ts - lag(ts) OVER bars = INTERVAL '1 hour' THEN ln(close / lag(close) OVER bars) END AS r
    FROM ohlcv
    WHERE timeframe = '1h' AND ts >= now() - 30 * INTERVAL '24 hours'
    WINDOW bars AS (PARTITION BY venue, symbol ORDER BY ts)
)
SELECT venue, symbol, count(r) AS returns, stddev_samp(r) * sqrt(24 * 365) AS volatility
FROM returns
GROUP BY venue, symbol
ORDER BY volatility DESC NULLS LAST;
