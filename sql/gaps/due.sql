-- Open gaps of a data set whose next repair is due, per venue: which symbols and from which day to which.
SELECT i.venue, array_agg(DISTINCT i.symbol ORDER BY i.symbol) AS symbols,
    min((g.gap_start AT TIME ZONE 'UTC')::date) AS first_day,
    max(((g.gap_end - INTERVAL '1 us') AT TIME ZONE 'UTC')::date) AS last_day,
    count(*) AS gaps, max(g.attempts) AS attempts, min(g.next_attempt_at) AS due_at
FROM gap_ledger AS g
JOIN instruments AS i USING (instrument_id)
WHERE g.dataset = %(dataset)s AND g.state = 'detected' AND g.next_attempt_at <= now() AND i.tracked AND i.problem IS NULL
    AND g.gap_start >= %(first_partition)s::timestamp AT TIME ZONE 'UTC'
GROUP BY i.venue
ORDER BY i.venue
