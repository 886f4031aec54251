-- Leanings of timeframes of these venues ($1) known in a window ($2 to $3), in version $4 and configuration $5, at most
-- $6 rows, beside the relationships that are stored with them.
SELECT v.*, v.timeframe_id * 60 - extract(epoch FROM v.known_at - v.ts)::float8 AS off_close,
    (v.overridden_by IS NOT NULL AND v.convergence > 0)::integer AS overridden_yet_converging,
    abs(v.confirming - r.confirming) + abs(v.contradicting - r.contradicting) AS relationships_missing,
    r.from_the_future
FROM pattern_confluences AS v
JOIN instruments AS i USING (instrument_id)
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE relation = 'confirms') AS confirming,
        count(*) FILTER (WHERE relation = 'contradicts') AS contradicting,
        count(*) FILTER (WHERE other_known_at > o.known_at) AS from_the_future
    FROM pattern_relationships AS o
    WHERE o.instrument_id = v.instrument_id AND o.timeframe_id = v.timeframe_id AND o.ts = v.ts
        AND o.logic_version = v.logic_version AND o.configuration_version = v.configuration_version
) AS r
WHERE i.venue = ANY ($1) AND v.known_at >= $2 AND v.known_at < $3 AND v.ts >= $2 - INTERVAL '7 days' AND v.ts < $3
    AND v.logic_version = $4 AND v.configuration_version = $5
LIMIT $6
