-- Which symbols move against Bitcoin's dominance, and are they more than chance would give?
-- The newest bar of each symbol and window: correlation of returns with changes of dominance, its interval (Fisher, 95 %),
-- and at which lag it is largest. symbols: how many there are of that window; told_apart: those whose interval leaves 0 out;
-- by_chance: as many would do so without any relation, one in twenty.
-- Change: the provider, the basis, the timeframe, the window.
SELECT venue, symbol, timeframe, bars, ts, pairs, correlation, low, high, is_told_from_nothing, best_lag, best_lag_correlation,
    count(*) OVER w AS symbols, count(*) FILTER (WHERE is_told_from_nothing) OVER w AS told_apart,
    0.05 * count(*) OVER w AS by_chance
FROM (
    SELECT DISTINCT ON (venue, symbol, timeframe, bars) *
    FROM dominance_correlations
    WHERE provider = 'coingecko' AND basis = 'market' AND timeframe = '1h' AND known_at <= now()
        AND ts >= now() - INTERVAL '24 hours' AND correlation IS NOT NULL
    ORDER BY venue, symbol, timeframe, bars, ts DESC
) AS newest
WINDOW w AS (PARTITION BY timeframe, bars)
ORDER BY bars, correlation, venue, symbol;
