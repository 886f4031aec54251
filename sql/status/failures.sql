-- Days whose fetch failed, newest failure first.
SELECT i.venue, i.symbol, l.day, l.attempts, l.error_kind, l.error, l.updated_at
FROM ingest_ledger AS l
JOIN instruments AS i USING (instrument_id)
WHERE l.status = 'failed'
ORDER BY l.updated_at DESC, i.venue, i.symbol, l.day
LIMIT 5
