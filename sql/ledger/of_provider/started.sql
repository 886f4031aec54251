-- A fetch of these days begins.
INSERT INTO provider_ledger (provider, dataset, series, day, status, batch, run_id)
SELECT %(provider)s, %(dataset)s, %(series)s, day, 'fetching', %(batch)s, %(run_id)s
FROM unnest(%(days)s::date[]) AS day
ON CONFLICT (provider, dataset, series, day) DO UPDATE SET
    status = CASE WHEN provider_ledger.status = 'complete' THEN 'complete' ELSE 'fetching' END,
    rows = CASE WHEN provider_ledger.batch IS DISTINCT FROM excluded.batch THEN 0 ELSE provider_ledger.rows END,
    quarantined =
        CASE WHEN provider_ledger.batch IS DISTINCT FROM excluded.batch THEN 0 ELSE provider_ledger.quarantined END,
    fetched_until =
        CASE WHEN %(from_start)s AND provider_ledger.batch IS DISTINCT FROM excluded.batch THEN NULL
        ELSE provider_ledger.fetched_until END,
    batch = excluded.batch, run_id = excluded.run_id, updated_at = now()
