-- How did patterns do by the state of funding and open interest when they were confirmed?
-- funding_state: high from the 95th percentile of the perpetual's own 90 days, low up to the 5th, else usual, as known
-- at the last whole hour before; quadrant: price and open interest over the day before. n: outcomes; hit_rate: share
-- with a return the pattern's way; mean_atr: mean return that way, in ATR. Outcomes near in time hang together.
-- Of so many rows some look like an edge by chance.
-- Change: the horizon, the timeframe, the window, the family; signals_with_leverage has the same of signals.
SELECT family, direction, coalesce(funding_state, 'unknown') AS funding_state, coalesce(quadrant, 'unknown') AS quadrant,
    count(*) AS n, avg((directed_pct > 0)::integer::double precision) AS hit_rate, avg(directed_atr) AS mean_atr
FROM pattern_outcomes_with_leverage
WHERE horizon = 10 AND timeframe = '1h' AND direction <> 'neutral' AND ts >= now() - 90 * INTERVAL '24 hours'
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4;
