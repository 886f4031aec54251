CREATE OR REPLACE PROCEDURE refresh_all_ohlcv(
    p_from timestamptz DEFAULT NULL, p_to timestamptz DEFAULT NULL, p_instrument_ids integer[] DEFAULT NULL
) LANGUAGE plpgsql AS $$
DECLARE
    name text;
    names text[] := (SELECT array_agg(timeframe ORDER BY minutes) FROM timeframes WHERE finer IS NOT NULL);
BEGIN
    FOREACH name IN ARRAY names LOOP
        CALL refresh_ohlcv(name, p_from, p_to, p_instrument_ids);
    END LOOP;
END $$;
COMMENT ON PROCEDURE refresh_all_ohlcv(timestamptz, timestamptz, integer[]) IS
    'Bring every timeframe up to date, finest first.';
