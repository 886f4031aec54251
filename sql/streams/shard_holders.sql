-- Which sessions of this database hold shards: the lock's key, and the name the session gave itself.
SELECT l.objid::bigint AS key, l.pid, coalesce(a.application_name, '') AS application
FROM pg_locks AS l
LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.classid::bigint = %(namespace)s
ORDER BY l.objid, l.pid
