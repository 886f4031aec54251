-- Of each instrument the first day is marked: what is scored of a day follows from the days before it, so that a refresh goes
-- on from there to the newest bar.
CREATE OR REPLACE FUNCTION mark_scored_dirty(p_from timestamptz, p_until timestamptz, p_timeframe_ids integer[] DEFAULT NULL)
RETURNS bigint LANGUAGE sql AS $$
    WITH marked AS (
        INSERT INTO derived_dirty (dataset, instrument_id, day)
        SELECT 'signals', s.instrument_id, (min(c.known_at) AT TIME ZONE 'UTC')::date
        FROM (SELECT DISTINCT instrument_id FROM signal_windows WHERE dataset = 'pattern_confidence') AS s
        CROSS JOIN timeframes AS t
        CROSS JOIN LATERAL (
            SELECT p.ts + t.length AS known_at FROM pattern_confidences AS p
            WHERE p.instrument_id = s.instrument_id AND p.timeframe_id = t.timeframe_id
                AND p.ts >= p_from - t.length AND p.ts < p_until - t.length
            ORDER BY p.ts LIMIT 1
        ) AS c
        WHERE (t.timeframe_id = 1 OR t.finer IS NOT NULL)
            AND (p_timeframe_ids IS NULL OR t.timeframe_id = ANY (p_timeframe_ids))
        GROUP BY s.instrument_id
        ORDER BY s.instrument_id
        ON CONFLICT (dataset, instrument_id, day)
        DO UPDATE SET seq = nextval(pg_get_serial_sequence('derived_dirty', 'seq'))
        RETURNING 1
    )
    SELECT count(*) FROM marked
$$;
COMMENT ON FUNCTION mark_scored_dirty(timestamptz, timestamptz, integer[]) IS
    'What scores rest on was told anew of a stretch of time: instruments with a score that became known in it are due from then on. Returns how many.';
