-- What came of signals of each timeframe and side: what was touched first, how long it took, what it paid after costs?
-- targets, stops, expired, closed: how many ended so (of decided ones); right: share that paid after costs; gross_pct and
-- net_pct: mean return before and after fees and slippage; net_r: mean in units of the planned risk; best_r, worst_r: median
-- of the farthest for and against it before the exit; median_bars: until it was decided.
-- Change: the window of 30 days; group by s.trigger, s.regime or s.month; keep s.signal LIKE 'strong%' alone. Whether that
-- is more than chance is for signal_performance to tell.
SELECT s.timeframe, s.side, count(*) FILTER (WHERE s.state <> 'open') AS decided,
    count(*) FILTER (WHERE s.state = 'open') AS still_open,
    count(*) FILTER (WHERE s.first_touch = 'target') AS targets, count(*) FILTER (WHERE s.first_touch = 'stop') AS stops,
    count(*) FILTER (WHERE s.state = 'expired') AS expired, count(*) FILTER (WHERE s.state = 'closed') AS closed,
    avg((s.net_pct > 0)::integer)::double precision AS "right", avg(s.gross_pct) AS gross_pct, avg(s.net_pct) AS net_pct,
    avg(s.net_r) AS net_r, percentile_cont(0.5) WITHIN GROUP (ORDER BY s.favourable_r) AS best_r,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY s.adverse_r) AS worst_r,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY s.bars) AS median_bars
FROM signal_outcomes AS s
WHERE s.ts >= now() - 30 * INTERVAL '24 hours'
GROUP BY s.timeframe_id, s.timeframe, s.side
ORDER BY s.timeframe_id, s.side;
