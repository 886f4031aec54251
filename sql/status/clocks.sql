-- How our clock stands to each venue's, as running stream workers last measured it.
SELECT c.shard, c.venue, c.ahead_seconds, c.depth_late_seconds, c.refused_times, c.measured_at, c.run_id
FROM venue_clocks AS c
JOIN stream_workers AS w USING (run_id)
WHERE w.stopped_at IS NULL AND w.heartbeat_at > clock_timestamp() - INTERVAL '30 seconds'
    AND c.measured_at > clock_timestamp() - INTERVAL '2 minutes'
ORDER BY c.venue, c.shard
