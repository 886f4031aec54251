-- How our clock stands to each venue's, by what running stream workers measured of late: the worst of a venue.
SELECT DISTINCT ON (c.venue) c.venue, c.ahead_seconds, c.depth_late_seconds, c.refused_times, c.measured_at
FROM venue_clocks AS c
JOIN stream_workers AS w USING (run_id)
WHERE w.stopped_at IS NULL AND w.heartbeat_at > clock_timestamp() - INTERVAL '30 seconds'
    AND c.measured_at > clock_timestamp() - INTERVAL '2 minutes'
ORDER BY c.venue, abs(c.ahead_seconds) + coalesce(c.depth_late_seconds, 0) DESC
