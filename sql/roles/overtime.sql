-- End what analysts have running for too long: a session may switch its own time limit off. A statement is
-- cancelled; a session that leaves a transaction open, which holds back vacuum and every migration, is ended.
SELECT usename AS role, pid, extract(epoch FROM clock_timestamp() - began)::float8 AS seconds,
    CASE WHEN state = 'active' THEN pg_cancel_backend(pid) ELSE pg_terminate_backend(pid) END AS ended
FROM (
    SELECT usename, pid, state, CASE WHEN state = 'active' THEN query_start ELSE state_change END AS began
    FROM pg_stat_activity
    WHERE datname = current_database() AND usename = ANY (%(roles)s::text[])
        AND (state = 'active' OR state LIKE 'idle in transaction%%')
) AS sessions
WHERE clock_timestamp() - began > %(most)s
