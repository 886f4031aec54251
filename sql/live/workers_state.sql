-- Stream runs: those that live, and those that ended within the last hour.
SELECT shard, run_id, alive, symbols, books, synced, dropped_last_minute, started_at, stopped_at, stopped_because
FROM stream_health
WHERE alive OR heartbeat_at >= now() - INTERVAL '1 hour'
