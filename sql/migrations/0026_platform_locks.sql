-- Locks that only the platform can take. Advisory locks are anybody's who can log in, and pg_locks shows every
-- key; so writers lock rows of a schema that analysts may not even look into, and a lease that lasts as long as a
-- session counts only with that session's own number and role.

CREATE SCHEMA IF NOT EXISTS platform;
REVOKE ALL ON SCHEMA platform FROM PUBLIC;
COMMENT ON SCHEMA platform IS 'What processes of AlphaPulse use among themselves. Nothing for analysts.';

CREATE TABLE IF NOT EXISTS platform.write_locks (
    name text NOT NULL,
    id integer NOT NULL,
    PRIMARY KEY (name, id)
);
COMMENT ON TABLE platform.write_locks IS 'Rows to be locked: whoever has locked one writes what it stands for. Never changed or deleted.';
COMMENT ON COLUMN platform.write_locks.name IS 'What is written: a table, or a piece of work such as refresh_ohlcv.';
COMMENT ON COLUMN platform.write_locks.id IS 'Which part of it: an instrument, a timeframe; 0 for the whole.';
INSERT INTO platform.write_locks (name, id) VALUES ('refresh_ohlcv', 0), ('conversion', 0) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS platform.leases (
    name text PRIMARY KEY,
    lock_key bigint,
    pid integer,
    role_id oid,
    taken_at timestamptz
);
COMMENT ON TABLE platform.leases IS 'Who was the last to take each lease: a right that one session has at a time. Whether it still has it is told by lease_holders.';
COMMENT ON COLUMN platform.leases.name IS 'The lease, such as stream/1-of-1.';
COMMENT ON COLUMN platform.leases.lock_key IS 'Advisory lock that the session holds for as long as it has the lease; a new random one each time.';
COMMENT ON COLUMN platform.leases.pid IS 'Server process of the session.';
COMMENT ON COLUMN platform.leases.role_id IS 'Role the session logged in as.';
COMMENT ON COLUMN platform.leases.taken_at IS 'When it was taken.';

-- The lock ends with the session, also behind a pooler; number and role tell it from one that a stranger took.
CREATE OR REPLACE VIEW platform.lease_holders AS
SELECT s.name, s.pid, coalesce(a.application_name, '') AS application, s.taken_at
FROM platform.leases AS s
JOIN pg_stat_activity AS a ON a.pid = s.pid AND a.usesysid = s.role_id
WHERE EXISTS (
    SELECT FROM pg_locks AS l
    WHERE l.locktype = 'advisory' AND l.granted AND l.mode = 'ExclusiveLock' AND l.objsubid = 1 AND l.pid = s.pid
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND l.classid::bigint = (s.lock_key >> 32) & 4294967295 AND l.objid::bigint = s.lock_key & 4294967295
);
COMMENT ON VIEW platform.lease_holders IS 'The leases that are taken now.';
COMMENT ON COLUMN platform.lease_holders.name IS 'The lease.';
COMMENT ON COLUMN platform.lease_holders.pid IS 'Server process of the session that has it.';
COMMENT ON COLUMN platform.lease_holders.application IS 'What the session calls itself.';
COMMENT ON COLUMN platform.lease_holders.taken_at IS 'Since when.';

CREATE OR REPLACE FUNCTION platform.take_lease(p_name text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    new_key bigint;
BEGIN
    INSERT INTO platform.leases (name) VALUES (p_name) ON CONFLICT DO NOTHING;
    PERFORM FROM platform.leases WHERE name = p_name FOR UPDATE;
    IF EXISTS (SELECT FROM platform.lease_holders WHERE name = p_name) THEN
        RETURN false;
    END IF;
    LOOP
        new_key := ('x' || left(md5(gen_random_uuid()::text), 16))::bit(64)::bigint;
        EXIT WHEN pg_try_advisory_lock(new_key);
    END LOOP;
    UPDATE platform.leases
    SET lock_key = new_key, pid = pg_backend_pid(), taken_at = clock_timestamp(),
        role_id = (SELECT usesysid FROM pg_stat_activity WHERE pid = pg_backend_pid())
    WHERE name = p_name;
    RETURN true;
END $$;
COMMENT ON FUNCTION platform.take_lease IS 'Take a lease for this session, without a wait and for as long as it lives; false where another has it.';

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

CREATE OR REPLACE FUNCTION platform.try_lock(p_name text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM platform.write_locks WHERE name = p_name AND id = 0 FOR UPDATE SKIP LOCKED;
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION platform.try_lock IS 'Be the only one at a piece of work until the transaction ends; false at once where another is.';

DO $refresh$
BEGIN
    EXECUTE replace(
        pg_get_functiondef('refresh_ohlcv(text, timestamptz, timestamptz, integer[])'::regprocedure),
        'pg_advisory_xact_lock(hashtext(''refresh_ohlcv''), t.timeframe_id)',
        'platform.lock_writers(''refresh_ohlcv'', ARRAY[t.timeframe_id::integer])'
    );
END $refresh$;
