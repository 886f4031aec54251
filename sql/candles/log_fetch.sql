INSERT INTO fetch_log (started_at, instrument_id, venue, dataset, source, url, window_start, window_end, latency_ms,
    http_status, weight, used_weight, rows, error_kind, error, checksum, run_id)
VALUES (%(started_at)s, %(instrument_id)s, %(venue)s, %(dataset)s, %(source)s, %(url)s, %(window_start)s,
    %(window_end)s, %(latency_ms)s, %(http_status)s, %(weight)s, %(used_weight)s, %(rows)s, %(error_kind)s,
    %(error)s, %(checksum)s, %(run_id)s)
