CREATE OR REPLACE FUNCTION refresh_each_day(t timeframes, p_taken bigint[], p_instrument_id integer) RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
    stretch record;
    said text;
    noted bigint[];
    failed bigint[] := '{}';
BEGIN
    FOR stretch IN
        SELECT DISTINCT bar_start(t.length, m) AS lo,
            bar_start(t.length, m + INTERVAL '24 hours - 1 us') + t.length AS hi
        FROM refresh_wanted AS w
        CROSS JOIN LATERAL generate_series(
            date_trunc('day', w.lo, 'UTC'), w.hi - INTERVAL '1 us', INTERVAL '24 hours') AS m
        WHERE w.instrument_id = p_instrument_id
        ORDER BY 1
    LOOP
        TRUNCATE refresh_stretches;
        INSERT INTO refresh_stretches VALUES (p_instrument_id, stretch.lo, stretch.hi);
        said := refresh_stretches_of(t);
        CONTINUE WHEN said IS NULL;
        SELECT array_agg(d.seq), count(note_refresh_failure(t.timeframe, p_instrument_id, d.day, d.seq, said))
        INTO noted
        FROM ohlcv_dirty AS d
        WHERE d.timeframe = t.timeframe AND d.instrument_id = p_instrument_id AND d.seq = ANY (p_taken)
            AND d.day::timestamp AT TIME ZONE 'UTC' >= stretch.lo AND d.day::timestamp AT TIME ZONE 'UTC' < stretch.hi;
        IF noted IS NULL THEN  -- a window that was asked for
            PERFORM note_refresh_failure(
                t.timeframe, p_instrument_id, (stretch.lo AT TIME ZONE 'UTC')::date, 0, said);
        END IF;
        failed := failed || coalesce(noted, '{}');
    END LOOP;
    RETURN failed;
END $$;
COMMENT ON FUNCTION refresh_each_day(timeframes, bigint[], integer) IS
    'As refresh_each_stretch, for an instrument day by day; the days that fail are in refresh_failures.';
