-- Track a symbol from now on. The instruments asset asks the venue for its details, the history sensor
-- fills its past; nothing has to be restarted.
CREATE OR REPLACE FUNCTION track_symbol(p_venue text, p_symbol text, p_history interval DEFAULT '30 days')
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    id integer;
BEGIN
    IF NOT EXISTS (SELECT FROM venues WHERE venue = p_venue AND fetched) THEN
        RAISE EXCEPTION 'there is no client for venue "%": use one of %', p_venue,
            (SELECT string_agg(venue, ', ' ORDER BY venue) FROM venues WHERE fetched)
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    id := register_instrument(p_venue, p_symbol);
    UPDATE instruments
    SET tracked = true,
        tracked_at = CASE WHEN tracked THEN tracked_at ELSE now() END,
        history_start = least(history_start, date_trunc('day', now() - p_history, 'UTC')),
        problem = NULL
    WHERE instrument_id = id;
    PERFORM pg_notify('instruments', id::text);
    RETURN id;
END $$;
COMMENT ON FUNCTION track_symbol(text, text, interval) IS
    'Track a symbol, with this much history; returns its instrument_id. Also: alphapulse symbols add.';
