-- Confidences of these venues ($1) known in a window ($2 to $3), in version $4 and configuration $5, at most $6 rows,
-- beside what their own stored factors, weights and thresholds amount to.
SELECT v.*, c.weights, c.aspect_weights, v.timeframe_id * 60 - extract(epoch FROM v.known_at - v.ts)::float8 AS off_close,
    abs(c.known / c.weights - v.coverage) AS coverage_error,
    CASE WHEN c.known = 0 THEN (v.confidence IS NOT NULL)::integer
        ELSE coalesce(abs(100 * c.told / c.known - v.confidence), 100) END AS confidence_error,
    CASE WHEN a.known = 0 THEN (v.reliability IS NOT NULL)::integer
        ELSE coalesce(abs(100 * a.told / a.known - v.reliability), 100) END AS reliability_error,
    abs(least(100 * v.aspect_technical + b.added, (k.configuration -> 'boosts' ->> 'cap')::float8) - v.boosted)
        AS boosted_error,
    (v.level IS DISTINCT FROM l.level)::integer AS wrong_level,
    (v.boosted_level IS DISTINCT FROM l.boosted_level)::integer AS wrong_boosted_level,
    (v.history_as_of > v.known_at - INTERVAL '6 hours')::integer AS history_from_the_future
FROM pattern_confidences AS v
JOIN instruments AS i USING (instrument_id)
JOIN pattern_configurations AS k ON k.version = v.configuration_version
CROSS JOIN LATERAL (
    SELECT sum(w) AS weights, sum(w * s) AS known, coalesce(sum(w * s * f), 0) AS told,
        v.aspect_technical_weight + v.aspect_historical_weight + v.aspect_market_weight + v.aspect_volume_weight
            AS aspect_weights
    FROM (VALUES
        (v.volume_weight, v.volume_coverage, v.volume),
        (v.trend_weight, v.trend_coverage, v.trend),
        (v.context_weight, v.context_coverage, v.context),
        (v.history_weight, v.history_coverage, v.history),
        (v.convergence_weight, v.convergence_coverage, v.convergence)
    ) AS t (w, s, f)
) AS c
CROSS JOIN LATERAL (
    SELECT sum(w * s) AS known, coalesce(sum(w * s * f), 0) AS told
    FROM (VALUES
        (v.aspect_technical_weight, v.aspect_technical_coverage, v.aspect_technical),
        (v.aspect_historical_weight, v.aspect_historical_coverage, v.aspect_historical),
        (v.aspect_market_weight, v.aspect_market_coverage, v.aspect_market),
        (v.aspect_volume_weight, v.aspect_volume_coverage, v.aspect_volume)
    ) AS t (w, s, f)
) AS a
CROSS JOIN LATERAL (
    SELECT coalesce(v.boost_volume, 0) + coalesce(v.boost_price, 0) + coalesce(v.boost_timeframe, 0) AS added
) AS b
CROSS JOIN LATERAL (
    SELECT CASE
            WHEN v.confidence IS NULL OR v.coverage < (k.configuration -> 'confidence' ->> 'least_coverage')::float8 THEN NULL
            WHEN v.confidence >= (k.configuration #>> '{confidence,levels,3}')::float8 THEN 'extreme'
            WHEN v.confidence >= (k.configuration #>> '{confidence,levels,2}')::float8 THEN 'high'
            WHEN v.confidence >= (k.configuration #>> '{confidence,levels,1}')::float8 THEN 'medium'
            WHEN v.confidence >= (k.configuration #>> '{confidence,levels,0}')::float8 THEN 'low'
            ELSE 'very low' END AS level,
        CASE WHEN v.boosted > (k.configuration -> 'boosts' ->> 'strong')::float8 THEN 'strong'
            WHEN v.boosted >= (k.configuration -> 'boosts' ->> 'medium')::float8 THEN 'medium'
            ELSE 'weak' END AS boosted_level
) AS l
WHERE i.venue = ANY ($1) AND v.known_at >= $2 AND v.known_at < $3 AND v.ts >= $2 - INTERVAL '7 days' AND v.ts < $3
    AND v.logic_version = $4 AND v.configuration_version = $5
LIMIT $6
