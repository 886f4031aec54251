-- A fetch of these days begins.
INSERT INTO ingest_ledger (instrument_id, dataset, day, status, batch, run_id)
SELECT %(instrument_id)s, %(dataset)s, day, 'fetching', %(batch)s, %(run_id)s
FROM unnest(%(days)s::date[]) AS day
ON CONFLICT (instrument_id, dataset, day) DO UPDATE SET
    status = CASE WHEN ingest_ledger.status = 'complete' THEN 'complete' ELSE 'fetching' END,
    rows = CASE WHEN ingest_ledger.batch IS DISTINCT FROM excluded.batch THEN 0 ELSE ingest_ledger.rows END,
    quarantined =
        CASE WHEN ingest_ledger.batch IS DISTINCT FROM excluded.batch THEN 0 ELSE ingest_ledger.quarantined END,
    fetched_until =
        CASE WHEN %(from_start)s AND ingest_ledger.batch IS DISTINCT FROM excluded.batch THEN NULL
        ELSE ingest_ledger.fetched_until END,
    batch = excluded.batch, run_id = excluded.run_id, updated_at = now()
