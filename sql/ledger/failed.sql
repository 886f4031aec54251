-- Symbol-days of tracked symbols whose last fetch failed.
SELECT i.venue, i.symbol, l.day, l.attempts, l.error_kind, l.error, l.updated_at
FROM ingest_ledger AS l
JOIN instruments AS i USING (instrument_id)
WHERE l.status = 'failed' AND i.tracked
ORDER BY l.updated_at DESC
LIMIT 50
