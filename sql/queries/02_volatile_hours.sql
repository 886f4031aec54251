-- At which hours of the day does each symbol move most?
-- hour: hour of the day, UTC; hours: number of bars behind the figure; range_bps: mean of ln(high / low) of
-- the 1h bars, in basis points; rank: 1 is the most volatile hour of that symbol.
-- Change: the window.
SELECT venue, symbol, extract(hour FROM ts AT TIME ZONE 'UTC')::integer AS hour, count(*) AS hours,
    avg(ln(high / low)) * 10000 AS range_bps,
    rank() OVER (PARTITION BY venue, symbol ORDER BY avg(ln(high / low)) DESC) AS rank
FROM ohlcv
WHERE timeframe = '1h' AND ts >= now() - 30 * INTERVAL '24 hours'
GROUP BY 1, 2, 3
ORDER BY venue, symbol, rank;
