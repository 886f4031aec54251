-- Leanings of timeframes of these venues ($1) known in a window ($2 to $3), in version $4 and configuration $5, at most
-- $6 rows, beside the relationships that are stored with them: one for each other timeframe of the run, one for the
-- timeframe that overrides.
SELECT v.*, k.family, k.pattern, (v.overridden_by_id IS NOT NULL AND v.convergence > 0)::integer AS overridden_yet_converging,
    abs(v.run - 1 - r.confirming) + abs((v.overridden_by_id IS NOT NULL)::integer - r.overriding) AS relationships_missing,
    (v.run - 1 > v.confirming)::integer AS run_longer_than_confirmed,
    r.from_the_future
FROM pattern_confluences AS v
JOIN pattern_kinds AS k USING (kind_id)
JOIN instruments AS i USING (instrument_id)
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE o.other_sign = v.sign) AS confirming,
        count(*) FILTER (WHERE o.other_sign <> v.sign AND o.other_timeframe_id = v.overridden_by_id) AS overriding,
        count(*) FILTER (WHERE o.other_ts + o.other_timeframe_id * INTERVAL '1 minute'
            > o.ts + o.timeframe_id * INTERVAL '1 minute') AS from_the_future
    FROM pattern_relationship_events AS o
    WHERE o.instrument_id = v.instrument_id AND o.timeframe_id = v.timeframe_id AND o.ts = v.ts
        AND o.logic_version = v.logic_version AND o.configuration_version = v.configuration_version
) AS r
WHERE i.venue = ANY ($1) AND v.ts + v.timeframe_id * INTERVAL '1 minute' >= $2
    AND v.ts + v.timeframe_id * INTERVAL '1 minute' < $3 AND v.ts >= $2 - INTERVAL '7 days' AND v.ts < $3
    AND v.logic_version = $4 AND v.configuration_version = $5
LIMIT $6
