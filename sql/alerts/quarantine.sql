-- Rows that came into quarantine in the last hour, by data set and venue.
WITH recent AS (
    SELECT q.quarantine_id, q.dataset, q.reasons,
        coalesce(i.symbol, q.series) AS symbol, coalesce(i.venue, q.provider, 'unknown venue') AS venue
    FROM quarantine AS q
    LEFT JOIN instruments AS i USING (instrument_id)
    WHERE q.first_seen > now() - INTERVAL '1 hour'
)
SELECT dataset, venue, count(DISTINCT quarantine_id) AS rows,
    coalesce(array_agg(DISTINCT symbol ORDER BY symbol) FILTER (WHERE symbol IS NOT NULL), '{}') AS symbols,
    array_agg(DISTINCT reason ORDER BY reason) AS reasons
FROM recent
CROSS JOIN LATERAL unnest(reasons) AS reason
GROUP BY dataset, venue
HAVING count(DISTINCT quarantine_id) >= %(rows)s
ORDER BY dataset, venue
