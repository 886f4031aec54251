-- Ask a worker to stop; it sees this at its next heartbeat, wherever it runs.
UPDATE stream_workers SET stopped_because = %(reason)s
WHERE run_id = %(run_id)s AND stopped_at IS NULL AND stopped_because IS NULL
