-- Venue-days with a gap of a data set that was found, repaired or answered for since a moment of each venue, from a day on.
SELECT DISTINCT i.venue, d::date AS day
FROM unnest(%(venues)s::text[], %(since)s::timestamptz[]) AS w (venue, since)
JOIN instruments AS i USING (venue)
JOIN gap_ledger AS g USING (instrument_id)
CROSS JOIN LATERAL generate_series(
    (g.gap_start AT TIME ZONE 'UTC')::date, ((g.gap_end - INTERVAL '1 us') AT TIME ZONE 'UTC')::date, INTERVAL '1 day'
) AS d
WHERE g.dataset = %(dataset)s AND g.gap_end > %(first)s::date::timestamp AT TIME ZONE 'UTC' AND d >= %(first)s::date
    AND greatest(g.detected_at, g.repaired_at, g.verified_at, (g.verifications -> -1 ->> 'at')::timestamptz) > w.since
