-- Coverage of the tracked symbols of some venues ($1) over days ($2 to $3), symbol by symbol. unrecorded are missing
-- minutes that no gap accounts for; the last five minutes of today may still be on their way.
SELECT c.venue, c.symbol, c.day, c.expected, c.present, c.missing, c.venue_had_none, g.open,
    greatest(0, c.missing - c.venue_had_none - g.open
        - CASE WHEN c.day = (now() AT TIME ZONE 'UTC')::date THEN 5 ELSE 0 END)::integer AS unrecorded,
    c.coverage, c.explained, coalesce(c.status, 'complete') AS status, c.error
FROM candle_coverage AS c
JOIN instruments AS i USING (instrument_id)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(extract(epoch FROM
        least(gap_end, c.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '1 day')
        - greatest(gap_start, c.day::timestamp AT TIME ZONE 'UTC')) / 60), 0)::integer AS open
    FROM gap_ledger AS l
    WHERE l.instrument_id = c.instrument_id AND l.state = 'detected'
        AND l.gap_start < c.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '1 day'
        AND l.gap_end > c.day::timestamp AT TIME ZONE 'UTC'
) AS g
WHERE i.tracked AND c.venue = ANY ($1::text[]) AND c.day BETWEEN $2 AND $3 AND c.expected > 0
ORDER BY c.explained, c.venue, c.symbol, c.day
