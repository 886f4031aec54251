-- When the sensor last looked and what it saw of Dagster; and the server's clock, for comparison with ours.
SELECT clock_timestamp() AS server_time, w.looked_at, w.streams_on,
    extract(epoch FROM clock_timestamp() - w.looked_at)::double precision AS unwatched_seconds
FROM (SELECT) AS one
LEFT JOIN platform_watch AS w ON true
