-- The newest sign of life of each Dagster daemon on this database, by the clock of the daemon's machine.
SELECT daemon_id, max((body::json ->> 'timestamp')::double precision) AS beat_at
FROM daemon_heartbeats GROUP BY daemon_id ORDER BY beat_at DESC
