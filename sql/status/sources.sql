-- Who serves which data set that is collected, and why.
SELECT dataset, source, state, serves, answered_at, rows, latency_ms, why
FROM data_sources ORDER BY dataset, rank, source
