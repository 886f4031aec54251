CREATE OR REPLACE FUNCTION untrack_symbol(p_venue text, p_symbol text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    id integer;
BEGIN
    UPDATE instruments SET tracked = false, tracked_at = now()
    WHERE venue = p_venue AND symbol = p_symbol AND tracked
    RETURNING instrument_id INTO id;
    IF id IS NULL THEN
        RAISE EXCEPTION '% % is not tracked', p_venue, p_symbol USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_notify('instruments', id::text);
    RETURN id;
END $$;
COMMENT ON FUNCTION untrack_symbol(text, text) IS
    'Stop tracking a symbol; its history stays. Also: alphapulse symbols remove.';
