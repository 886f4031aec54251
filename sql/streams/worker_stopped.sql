-- A worker gave its shard back. Why it was asked to, if it was, stays; how it ended stands behind it.
UPDATE stream_workers
SET stopped_at = clock_timestamp(), heartbeat_at = clock_timestamp(),
    stopped_because = CASE
        WHEN stopped_because <> %(because)s THEN stopped_because || '; ' || %(because)s
        ELSE %(because)s
    END
WHERE run_id = %(run_id)s AND stopped_at IS NULL
