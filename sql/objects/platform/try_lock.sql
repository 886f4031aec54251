CREATE OR REPLACE FUNCTION platform.try_lock(p_name text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM platform.write_locks WHERE name = p_name AND id = 0 FOR UPDATE SKIP LOCKED;
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION platform.try_lock IS 'Be the only one at a piece of work until the transaction ends; false at once where another is.';
