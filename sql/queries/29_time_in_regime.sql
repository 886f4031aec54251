-- How much of the time is each symbol trending, and how calm is it then?
-- share: of the bars that have a trend; volatility_percentile: mean, 0 to 1, among the symbol's own recent past.
-- Change: the timeframe, the window.
SELECT venue, symbol, trend, count(*) AS bars,
    count(*) / sum(count(*)) OVER (PARTITION BY venue, symbol)::double precision AS share,
    avg(volatility_percentile) AS volatility_percentile
FROM regimes
WHERE timeframe = '15m' AND trend IS NOT NULL
    AND known_at <= now() AND ts >= now() - 30 * INTERVAL '24 hours'
GROUP BY venue, symbol, trend
ORDER BY venue, symbol, trend;
