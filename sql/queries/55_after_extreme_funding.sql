-- What did price do after funding above its 95th percentile?
-- From the hour at which funding of a perpetual became extreme for it (95th percentile of its own 90 days, as known
-- then) over so many hours: n: times it did, symbols: of how many perpetuals; mean_pct, median_pct, share_up: of the
-- returns after; base_n and so on: of the returns after every hour with a percentile, which is what price did anyway.
-- Extremes of coins that move together are not independent: few distinct days say little, whatever n is.
-- Change: the side, the horizons, the window, one venue.
WITH asked AS (
    SELECT 'high' AS side, ARRAY[8, 24, 72] AS horizons, 365 * INTERVAL '24 hours' AS past
), returns AS (
    SELECT v.instrument_id, v.ts, h.hours, (later.close / now_bar.close - 1) * 100 AS return_pct
    FROM asked AS a
    CROSS JOIN unnest(a.horizons) AS h (hours)
    JOIN leverage_snapshots AS v ON v.ts >= now() - a.past AND v.funding_percentile IS NOT NULL
    JOIN ohlcv_1h AS now_bar ON now_bar.instrument_id = v.instrument_id AND now_bar.ts = v.ts - INTERVAL '1 hour'
    JOIN ohlcv_1h AS later ON later.instrument_id = v.instrument_id
        AND later.ts = v.ts + (h.hours - 1) * INTERVAL '1 hour' AND later.ts < now() - INTERVAL '1 hour'
), extremes AS (
    SELECT e.instrument_id, e.ts FROM asked AS a JOIN funding_extremes AS e ON e.side = a.side AND e.ts >= now() - a.past
)
SELECT r.hours, count(e.ts) AS n, count(DISTINCT e.instrument_id) AS symbols,
    count(DISTINCT date_trunc('day', e.ts, 'UTC')) AS days,
    avg(r.return_pct) FILTER (WHERE e.ts IS NOT NULL) AS mean_pct,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY r.return_pct) FILTER (WHERE e.ts IS NOT NULL) AS median_pct,
    avg((r.return_pct > 0)::integer::double precision) FILTER (WHERE e.ts IS NOT NULL) AS share_up,
    count(*) AS base_n, avg(r.return_pct) AS base_mean_pct, avg((r.return_pct > 0)::integer::double precision) AS base_share_up
FROM returns AS r
LEFT JOIN extremes AS e ON e.instrument_id = r.instrument_id AND e.ts = r.ts
GROUP BY r.hours
ORDER BY r.hours;
