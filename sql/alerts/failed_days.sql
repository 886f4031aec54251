-- Days of tracked symbols whose fetch failed more than once, by venue, with the newest words.
SELECT i.venue, count(*) AS days, array_agg(DISTINCT i.symbol ORDER BY i.symbol) AS symbols,
    max(l.attempts) AS attempts, (array_agg(l.error_kind ORDER BY l.updated_at DESC))[1] AS error_kind,
    (array_agg(l.error ORDER BY l.updated_at DESC))[1] AS error
FROM ingest_ledger AS l
JOIN instruments AS i USING (instrument_id)
WHERE l.status = 'failed' AND l.attempts >= %(attempts)s AND i.tracked
GROUP BY i.venue
ORDER BY i.venue
