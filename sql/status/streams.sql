-- Stream workers: the newest of each shard, as long as it runs or has ended in the last ten minutes.
SELECT shard, state, symbols, books, synced, started_at, heartbeat_age_seconds, stopped_because, host, pid,
    code_version, run_id
FROM (
    SELECT DISTINCT ON (w.shard) w.*,
        CASE
            WHEN w.stopped_at IS NOT NULL THEN 'stopped'
            WHEN w.heartbeat_at > clock_timestamp() - INTERVAL '30 seconds' THEN 'running'
            ELSE 'silent'
        END AS state,
        extract(epoch FROM clock_timestamp() - w.heartbeat_at)::double precision AS heartbeat_age_seconds
    FROM stream_workers AS w
    ORDER BY w.shard, w.started_at DESC
) AS newest
LEFT JOIN LATERAL (
    SELECT count(*) AS books, count(*) FILTER (WHERE s.state = 'synced') AS synced
    FROM order_book_status AS s WHERE s.run_id = newest.run_id AND s.state <> 'stopped'
) AS counted ON true
WHERE stopped_at IS NULL OR stopped_at > clock_timestamp() - INTERVAL '10 minutes'
ORDER BY shard
