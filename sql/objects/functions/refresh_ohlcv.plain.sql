-- Without a window: the days that are dirty, but for those that failed lately. With one: every bar that touches it,
-- dirty or not. A day stays dirty while the next finer timeframe has not caught up with it: the change may have come
-- after that one was refreshed. Call it in autocommit, finest timeframe first (refresh_all_ohlcv does); one caller a
-- timeframe at a time.
-- Days which fail stop no others: they are in refresh_failures.
CREATE OR REPLACE PROCEDURE refresh_ohlcv(
    p_timeframe text, p_from timestamptz DEFAULT NULL, p_to timestamptz DEFAULT NULL,
    p_instrument_ids integer[] DEFAULT NULL
) LANGUAGE plpgsql AS $$
DECLARE
    t timeframes;
    taken bigint[];
    failed bigint[] := '{}';
BEGIN
    SELECT * INTO STRICT t FROM timeframes WHERE timeframe = p_timeframe AND finer IS NOT NULL;
    PERFORM platform.lock_writers('refresh_ohlcv', ARRAY[t.timeframe_id::integer]);
    CREATE TEMPORARY TABLE IF NOT EXISTS refresh_stretches (instrument_id integer, lo timestamptz, hi timestamptz)
        ON COMMIT DELETE ROWS;
    TRUNCATE refresh_stretches;
    SELECT array_agg(d.seq) INTO taken
    FROM ohlcv_dirty AS d
    WHERE d.timeframe = p_timeframe AND NOT is_refresh_held(d) AND NOT EXISTS (
        SELECT FROM ohlcv_dirty AS f
        WHERE f.timeframe = t.finer AND f.instrument_id = d.instrument_id AND f.day = d.day);
    -- dirty days that follow each other are one stretch
    INSERT INTO refresh_stretches
    SELECT instrument_id, lower(r), upper(r)
    FROM (
        SELECT instrument_id, unnest(range_agg(tstzrange(lo, hi))) AS r
        FROM (
            SELECT instrument_id,
                bar_start(t.length, day::timestamp AT TIME ZONE 'UTC') AS lo,
                bar_start(t.length, day::timestamp AT TIME ZONE 'UTC' + INTERVAL '24 hours - 1 us') + t.length AS hi
            FROM ohlcv_dirty WHERE seq = ANY (taken) AND timeframe = p_timeframe
            UNION
            SELECT instrument_id, bar_start(t.length, p_from), bar_start(t.length, p_to - INTERVAL '1 us') + t.length
            FROM instruments
            WHERE p_from < p_to AND (p_instrument_ids IS NULL OR instrument_id = ANY (p_instrument_ids))
        ) AS days
        GROUP BY instrument_id
    ) AS merged;
    -- all at once; and where that fails one instrument after the other, then day by day, so that one stops nobody else
    IF refresh_stretches_of(t) IS NOT NULL THEN
        PERFORM quarantine_out_of_bounds();
        failed := refresh_each_stretch(t, taken);
    END IF;
    UPDATE refresh_failures AS f SET resolved_at = now(), next_attempt_at = NULL
    FROM ohlcv_dirty AS d
    WHERE d.timeframe = p_timeframe AND d.seq = ANY (taken) AND NOT d.seq = ANY (failed) AND f.resolved_at IS NULL
        AND (f.timeframe, f.instrument_id, f.day) = (d.timeframe, d.instrument_id, d.day);
    DELETE FROM ohlcv_dirty WHERE timeframe = p_timeframe AND seq = ANY (taken) AND NOT seq = ANY (failed);
END $$;
COMMENT ON PROCEDURE refresh_ohlcv(text, timestamptz, timestamptz, integer[]) IS
    'Bring one timeframe up to date: the dirty days, or every bar touching [from, to).';
