CREATE OR REPLACE FUNCTION refresh_each_stretch(t timeframes, p_taken bigint[]) RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
    stretch record;
    failed bigint[] := '{}';
BEGIN
    CREATE TEMPORARY TABLE IF NOT EXISTS refresh_wanted (instrument_id integer, lo timestamptz, hi timestamptz)
        ON COMMIT DELETE ROWS;
    TRUNCATE refresh_wanted;
    INSERT INTO refresh_wanted SELECT * FROM refresh_stretches;
    FOR stretch IN SELECT DISTINCT instrument_id FROM refresh_wanted ORDER BY 1 LOOP
        TRUNCATE refresh_stretches;
        INSERT INTO refresh_stretches SELECT * FROM refresh_wanted AS w WHERE w.instrument_id = stretch.instrument_id;
        IF refresh_stretches_of(t) IS NOT NULL THEN
            failed := failed || refresh_each_day(t, p_taken, stretch.instrument_id);
        END IF;
    END LOOP;
    RETURN failed;
END $$;
COMMENT ON FUNCTION refresh_each_stretch(timeframes, bigint[]) IS
    'As refresh_stretches_of, one instrument after the other; returns the marks of the days that failed.';
