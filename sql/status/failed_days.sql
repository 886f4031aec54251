SELECT count(*) AS failed FROM ingest_ledger WHERE status = 'failed'
