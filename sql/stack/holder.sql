-- The session that has the lock, if one has.
SELECT l.pid, coalesce(a.application_name, '') AS application, coalesce(a.usename, '') AS usename, a.backend_start
FROM pg_locks AS l LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.classid = %(namespace)s AND l.objid = 0 AND l.objsubid = 2
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
