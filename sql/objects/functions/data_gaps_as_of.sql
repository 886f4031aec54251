-- The ledger keeps when each thing was found out: what came later had not happened yet.
CREATE OR REPLACE FUNCTION data_gaps_as_of(at timestamptz)
RETURNS SETOF data_gaps LANGUAGE sql STABLE AS $$
    SELECT g.dataset, g.venue, g.symbol, g.gap_start, g.gap_end, g.length,
        CASE WHEN g.state = 'detected' OR k.settled_at <= data_gaps_as_of.at THEN g.state ELSE 'detected' END,
        g.detected_at,
        CASE WHEN g.repaired_at <= data_gaps_as_of.at THEN g.repaired_at END,
        CASE WHEN g.repaired_at <= data_gaps_as_of.at THEN g.repaired_from END,
        CASE WHEN g.verified_at <= data_gaps_as_of.at THEN g.verified_at END,
        CASE WHEN k.settled_at <= data_gaps_as_of.at THEN g.verifications END,
        CASE WHEN k.settled_at <= data_gaps_as_of.at THEN g.reason END,
        NULL::integer, NULL::timestamptz, g.instrument_id
    FROM data_gaps AS g
    CROSS JOIN LATERAL (SELECT coalesce(g.repaired_at, g.verified_at) AS settled_at) AS k
    WHERE g.detected_at <= data_gaps_as_of.at
$$;
COMMENT ON FUNCTION data_gaps_as_of IS 'Missing stretches as they were known at a time: what was repaired or proven absent only later is detected; attempts of then are not kept.';
