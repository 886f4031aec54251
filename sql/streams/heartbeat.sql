-- The worker lives; the answer is why it should stop, if somebody asked it to.
UPDATE stream_workers SET heartbeat_at = clock_timestamp(), symbols = %(symbols)s
WHERE run_id = %(run_id)s
RETURNING stopped_because AS asked
