-- A worker took its shard.
INSERT INTO stream_workers (run_id, shard, code_version, host, pid, started_at, heartbeat_at)
VALUES (%(run_id)s, %(shard)s, %(code_version)s, %(host)s, %(pid)s, clock_timestamp(), clock_timestamp())
ON CONFLICT (run_id) DO UPDATE SET
    host = excluded.host, pid = excluded.pid, code_version = excluded.code_version,
    started_at = excluded.started_at, heartbeat_at = excluded.heartbeat_at,
    stopped_at = NULL, stopped_because = NULL
