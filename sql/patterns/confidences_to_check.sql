-- Confidences of these venues ($1) known in a window ($2 to $3), in version $4 and configuration $5, at most $6 rows,
-- beside what their own stored factors, weights and thresholds amount to.
SELECT v.*, k.family, c.weights, c.aspect_weights,
    CASE WHEN p.known = 0 THEN (v.confidence IS NOT NULL)::integer
        ELSE coalesce(abs(100 * p.told / p.known - v.confidence), 100) END AS confidence_error,
    (v.level_id IS DISTINCT FROM CASE WHEN v.confidence IS NOT NULL AND p.known / c.weights >= c.least_coverage
        THEN (SELECT count(*) FROM unnest(c.levels) AS l (least) WHERE v.confidence >= l.least)::smallint END)::integer
        AS wrong_level,
    ((v.trend IS NULL) <> (v.trend_parts = 0))::integer + ((v.context IS NULL) <> (v.context_parts = 0))::integer
        AS parts_without_factor,
    (v.history_as_of > v.ts + v.timeframe_id * INTERVAL '1 minute' - INTERVAL '6 hours')::integer AS history_from_the_future
FROM pattern_confidences AS v
JOIN pattern_kinds AS k USING (kind_id)
JOIN instruments AS i USING (instrument_id)
LEFT JOIN pattern_weights AS c ON c.version = v.configuration_version
CROSS JOIN LATERAL (
    SELECT sum(w * s) AS known, coalesce(sum(w * s * f), 0) AS told
    FROM (VALUES
        (c.volume_weight, (v.volume IS NOT NULL)::integer::float8, v.volume),
        (c.trend_weight, v.trend_parts / 2.0::float8, v.trend),
        (c.context_weight, v.context_parts / 4.0::float8, v.context),
        (c.history_weight, (v.history IS NOT NULL)::integer::float8, v.history),
        (c.convergence_weight, (v.convergence IS NOT NULL)::integer::float8, v.convergence)
    ) AS t (w, s, f)
) AS p
WHERE i.venue = ANY ($1) AND v.ts + v.timeframe_id * INTERVAL '1 minute' >= $2
    AND v.ts + v.timeframe_id * INTERVAL '1 minute' < $3 AND v.ts >= $2 - INTERVAL '7 days' AND v.ts < $3
    AND v.logic_version = $4 AND v.configuration_version = $5
LIMIT $6
