-- Which factors made the confidence of sure patterns high?
-- points: what the factor brought, of 100; the five sum to the confidence. known: share of the factor that was known.
-- sure and others: patterns from 75 up (high, extreme) and below, in the last three days; difference: what sets them apart.
-- Change: the timeframe, the window, a family or pattern.
SELECT f.factor, count(*) FILTER (WHERE f.sure) AS sure_events, count(*) FILTER (WHERE NOT f.sure) AS other_events,
    avg(f.points) FILTER (WHERE f.sure) AS sure_points, avg(f.points) FILTER (WHERE NOT f.sure) AS other_points,
    avg(f.points) FILTER (WHERE f.sure) - avg(f.points) FILTER (WHERE NOT f.sure) AS difference,
    avg(f.known) FILTER (WHERE f.sure) AS sure_known, avg(f.known) FILTER (WHERE NOT f.sure) AS other_known
FROM (
    SELECT t.factor, t.known, c.level IN ('high', 'extreme') AS sure,
        100 * t.weight * t.known * coalesce(t.value, 0) / sum(t.weight * t.known)
            OVER (PARTITION BY c.instrument_id, c.ts, c.family, c.pattern, c.direction, c.stage, c.reference) AS points
    FROM pattern_confidence AS c
    CROSS JOIN LATERAL (VALUES
        ('volume', c.volume, c.volume_weight, c.volume_coverage),
        ('trend', c.trend, c.trend_weight, c.trend_coverage),
        ('context', c.context, c.context_weight, c.context_coverage),
        ('history', c.history, c.history_weight, c.history_coverage),
        ('convergence', c.convergence, c.convergence_weight, c.convergence_coverage)
    ) AS t (factor, value, weight, known)
    WHERE c.timeframe = '5m' AND c.level IS NOT NULL AND c.known_at <= now() AND c.ts >= now() - INTERVAL '72 hours'
) AS f
GROUP BY f.factor
ORDER BY difference DESC NULLS LAST, f.factor;
