-- How much do the symbols move together?
-- hours: hours in which both have a return; correlation: Pearson's, of the 1h log returns.
-- Change: the window. Only returns between bars that follow each other count.
WITH returns AS (
    SELECT venue || ' ' || symbol AS name, ts,
        CASE WHEN ts - lag(ts) OVER bars = INTERVAL '1 hour' THEN ln(close / lag(close) OVER bars) END AS r
    FROM ohlcv
    WHERE timeframe = '1h' AND ts >= now() - 30 * INTERVAL '24 hours'
    WINDOW bars AS (PARTITION BY venue, symbol ORDER BY ts)
)
SELECT a.name AS first, b.name AS second, count(*) AS hours, corr(a.r, b.r) AS correlation
FROM returns AS a
JOIN returns AS b ON b.ts = a.ts AND a.name < b.name
WHERE a.r IS NOT NULL AND b.r IS NOT NULL
GROUP BY 1, 2
ORDER BY correlation DESC NULLS LAST, first, second;
