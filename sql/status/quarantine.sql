-- Bad rows of the last seven days, by data set and reason; a row may have several.
SELECT q.dataset, coalesce(i.venue, q.provider) AS venue, reason, count(*) AS rows, max(q.last_seen) AS last_seen
FROM quarantine AS q
LEFT JOIN instruments AS i USING (instrument_id)
CROSS JOIN LATERAL unnest(q.reasons) AS reason
WHERE q.last_seen >= now() - INTERVAL '7 days'
GROUP BY q.dataset, coalesce(i.venue, q.provider), reason
ORDER BY rows DESC, q.dataset, venue, reason
LIMIT 20
