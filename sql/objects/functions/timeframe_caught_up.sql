CREATE OR REPLACE FUNCTION timeframe_caught_up() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mark_derived_dirty(array_agg(instrument_id), array_agg(day))
    FROM (SELECT DISTINCT instrument_id, day FROM gone) AS d
    HAVING count(*) > 0;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION timeframe_caught_up() IS
    'Trigger of ohlcv_dirty: when a timeframe has caught up with a day, what is derived from it is due.';
CREATE OR REPLACE TRIGGER timeframe_caught_up AFTER DELETE ON ohlcv_dirty
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION timeframe_caught_up();
