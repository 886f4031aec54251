-- What others note is looked at where it is noted: a schema without these tables has nothing of the kind.
CREATE OR REPLACE FUNCTION days_not_refreshed() RETURNS TABLE (
    timeframe text, instrument_id integer, day date, error text, failed_at timestamptz
)
LANGUAGE plpgsql STABLE AS $function$
BEGIN
    IF to_regclass('refresh_failures') IS NOT NULL THEN
        RETURN QUERY EXECUTE $query$
            SELECT f.timeframe, f.instrument_id, f.day, f.error, f.failed_at
            FROM refresh_failures AS f WHERE f.resolved_at IS NULL
        $query$;
    END IF;
END $function$;
COMMENT ON FUNCTION days_not_refreshed() IS 'Days whose candles did not make bars when their timeframe was last refreshed.';
