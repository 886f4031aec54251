-- How often did a chart pattern reach its target before its invalidation?
-- target_rate: share in which the target was touched first, within fifty bars, with bounds (Wilson, 95 %); ambiguous: share
-- in which one bar touched both, which counts as lost; walk_target_rate: the same pattern on random walks. What was touched
-- by the time of the statistics (as_of): first of all patterns of the kind, then how many bars it took.
-- Change: the horizon, the timeframe.
SELECT p.timeframe, p.pattern, p.direction, p.target_n, p.target_rate, p.target_low, p.target_high, p.ambiguous,
    p.walk_target_rate, p.walk_target_low, p.walk_target_high, o.targets, o.invalidations, o.neither, o.median_bars,
    p.target_verdict
FROM pattern_performance AS p
JOIN (
    SELECT timeframe, pattern, direction, horizon,
        count(*) FILTER (WHERE first_touch = 'target') AS targets,
        count(*) FILTER (WHERE first_touch = 'invalidation') AS invalidations,
        count(*) FILTER (WHERE first_touch = 'neither') AS neither,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY touch_bars) AS median_bars
    FROM pattern_outcomes
    JOIN (SELECT DISTINCT timeframe, as_of FROM pattern_performance) AS newest USING (timeframe)
    WHERE family = 'chart' AND known_at <= as_of
    GROUP BY 1, 2, 3, 4
) AS o USING (timeframe, pattern, direction, horizon)
WHERE p.family = 'chart' AND p.regime = 'all' AND p.horizon = 50 AND p.target_n > 0
ORDER BY p.timeframe, p.pattern, p.direction;
