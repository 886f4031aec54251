CREATE OR REPLACE VIEW stream_health AS
SELECT w.shard, w.run_id, stream_alive(w.stopped_at, w.heartbeat_at) AS alive, w.symbols, b.books, b.synced,
    l.rows AS rows_last_minute, l.dropped AS dropped_last_minute, l.received_p99_ms, l.queryable_p99_ms,
    w.started_at, w.heartbeat_at, extract(epoch FROM now() - w.heartbeat_at)::double precision AS heartbeat_age_seconds,
    w.stopped_at, w.stopped_because, w.code_version, w.host, w.pid
FROM stream_workers AS w
CROSS JOIN LATERAL (
    SELECT count(*) AS books, count(*) FILTER (WHERE s.state = 'synced') AS synced
    FROM order_book_status AS s
    WHERE s.run_id = w.run_id AND stream_alive(w.stopped_at, w.heartbeat_at)
) AS b
CROSS JOIN LATERAL (
    SELECT coalesce(sum(m.rows), 0)::bigint AS rows, coalesce(sum(m.dropped), 0)::bigint AS dropped,
        max(m.received_p99_ms) AS received_p99_ms, max(m.queryable_p99_ms) AS queryable_p99_ms
    FROM stream_latency AS m
    WHERE m.run_id = w.run_id AND m.ts > now() - INTERVAL '1 minute'
) AS l;
COMMENT ON VIEW stream_health IS 'Every stream run: whether it lives, what it keeps, and how well its rows get through.';
COMMENT ON COLUMN stream_health.shard IS 'Which part of the symbols it has: 1-of-2 is the first of two.';
COMMENT ON COLUMN stream_health.run_id IS 'Dagster run.';
COMMENT ON COLUMN stream_health.alive IS 'Whether it lives: not stopped, and a heartbeat within 30 s.';
COMMENT ON COLUMN stream_health.symbols IS 'Symbols it has.';
COMMENT ON COLUMN stream_health.books IS 'Books it keeps; 0 when it does not live.';
COMMENT ON COLUMN stream_health.synced IS 'Of these, books that can be trusted.';
COMMENT ON COLUMN stream_health.rows_last_minute IS 'Rows it stored in the last minute.';
COMMENT ON COLUMN stream_health.dropped_last_minute IS 'Rows it let go in the last minute (stream_losses).';
COMMENT ON COLUMN stream_health.received_p99_ms IS 'Worst 99th percentile of the last minute, venue to us, in milliseconds.';
COMMENT ON COLUMN stream_health.queryable_p99_ms IS 'Worst 99th percentile of the last minute, receipt to readable, in milliseconds.';
COMMENT ON COLUMN stream_health.started_at IS 'When it started.';
COMMENT ON COLUMN stream_health.heartbeat_at IS 'When it last said that it lives; every few seconds.';
COMMENT ON COLUMN stream_health.heartbeat_age_seconds IS 'Seconds since then.';
COMMENT ON COLUMN stream_health.stopped_at IS 'When it stopped; null while it runs, or until its end was noticed.';
COMMENT ON COLUMN stream_health.stopped_because IS 'Why it stopped; lost: its end was noticed by the run after it.';
COMMENT ON COLUMN stream_health.code_version IS 'Version of the code it runs.';
COMMENT ON COLUMN stream_health.host IS 'Machine it runs on.';
COMMENT ON COLUMN stream_health.pid IS 'Process on that machine.';
