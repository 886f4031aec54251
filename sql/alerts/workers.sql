-- The newest stream worker of each shard, and how long it has been silent.
SELECT DISTINCT ON (shard) shard, run_id, host, pid, symbols, stopped_at, stopped_because,
    extract(epoch FROM clock_timestamp() - heartbeat_at)::double precision AS silent_seconds,
    extract(epoch FROM clock_timestamp() - stopped_at)::double precision AS stopped_seconds
FROM stream_workers
ORDER BY shard, started_at DESC
