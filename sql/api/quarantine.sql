-- Rows that were not let in, counted; their payload stays where it is.
SELECT (q.first_seen AT TIME ZONE 'UTC')::date AS day, q.dataset, coalesce(i.venue, q.provider, '') AS venue,
    coalesce(i.symbol, q.series, '') AS symbol, r.reason, count(*) AS rows, sum(q.seen)::bigint AS times_seen,
    max(q.last_seen) AS last_seen
FROM quarantine AS q
LEFT JOIN instruments AS i USING (instrument_id)
CROSS JOIN unnest(q.reasons) AS r (reason)
GROUP BY 1, 2, 3, 4, 5
