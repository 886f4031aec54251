-- What keeps sessions of ours waiting for a lock, and since when that works or idles.
SELECT DISTINCT a.pid, coalesce(a.usename::text, a.backend_type) AS who, a.application_name AS application, a.state,
    extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.query_start))::float8 AS seconds, left(a.query, 200) AS query
FROM unnest(%(pids)s::integer[]) AS ours (pid)
CROSS JOIN LATERAL unnest(pg_blocking_pids(ours.pid)) AS b (pid)
JOIN pg_stat_activity AS a ON a.pid = b.pid
ORDER BY a.pid
