-- No source could answer for the rest of these days. A day that is complete stays complete: its rows are there.
INSERT INTO ingest_ledger AS l (instrument_id, dataset, day, status, attempts, error_kind, error, batch, run_id)
SELECT %(instrument_id)s, %(dataset)s, day, 'failed', 1, %(error_kind)s, %(error)s, %(batch)s, %(run_id)s
FROM unnest(%(days)s::date[]) AS day
ON CONFLICT (instrument_id, dataset, day) DO UPDATE SET
    status = CASE WHEN l.status = 'complete' THEN 'complete' ELSE 'failed' END,
    attempts = l.attempts + 1, error_kind = excluded.error_kind, error = excluded.error,
    batch = excluded.batch, run_id = excluded.run_id, updated_at = now()
