CREATE OR REPLACE VIEW venue_latency AS
SELECT venue, source, date_trunc('hour', started_at, 'UTC') AS hour, count(*) AS requests,
    count(*) FILTER (WHERE error_kind IS NOT NULL) AS failures,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY latency_ms) AS p50_ms,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY latency_ms) AS p95_ms,
    sum(weight) AS weight, max(used_weight) AS max_used_weight, sum(rows) AS rows
FROM fetch_log
GROUP BY venue, source, date_trunc('hour', started_at, 'UTC');
COMMENT ON VIEW venue_latency IS 'Requests per venue, source and hour: latency, failures, weight used, rows.';
COMMENT ON COLUMN venue_latency.venue IS 'Venue asked.';
COMMENT ON COLUMN venue_latency.source IS 'archive, rest, mirror or yahoo.';
COMMENT ON COLUMN venue_latency.hour IS 'UTC hour in which the requests were sent.';
COMMENT ON COLUMN venue_latency.requests IS 'Number of requests.';
COMMENT ON COLUMN venue_latency.failures IS 'Requests that failed.';
COMMENT ON COLUMN venue_latency.p50_ms IS 'Median time until the whole answer was there, in milliseconds.';
COMMENT ON COLUMN venue_latency.p95_ms IS '95th percentile of that time, in milliseconds.';
COMMENT ON COLUMN venue_latency.weight IS 'Request weight the calls cost together, in the venue''s unit.';
COMMENT ON COLUMN venue_latency.max_used_weight IS 'Most weight the venue said was used up in its window.';
COMMENT ON COLUMN venue_latency.rows IS 'Rows in the answers.';
