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
