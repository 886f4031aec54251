-- Missing rows are made first, in order, and locked by being new; then all are locked in order: no deadlocks.
CREATE OR REPLACE FUNCTION platform.lock_writers(p_name text, p_ids integer[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM platform.write_locks WHERE name = p_name AND id = ANY (p_ids))
        < (SELECT count(DISTINCT i) FROM unnest(p_ids) AS i)
    THEN
        INSERT INTO platform.write_locks (name, id)
        SELECT DISTINCT p_name, i FROM unnest(p_ids) AS i ORDER BY 1, 2
        ON CONFLICT DO NOTHING;
    END IF;
    PERFORM FROM platform.write_locks WHERE name = p_name AND id = ANY (p_ids) ORDER BY id FOR UPDATE;
END $$;
COMMENT ON FUNCTION platform.lock_writers IS 'Be the only writer of these parts until the transaction ends; waits for others.';
