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
