-- Where a timeframe's bars end before %(end)s: the newest of the symbols of these venues, and the one furthest behind.
SELECT count(*) AS symbols, max(n.ts) AS newest, min(n.ts) AS furthest_behind
FROM instruments AS i
CROSS JOIN LATERAL (
    SELECT b.ts FROM {relation} AS b
    WHERE b.instrument_id = i.instrument_id AND b.ts < %(end)s ORDER BY b.ts DESC LIMIT 1
) AS n
WHERE i.tracked AND i.venue = ANY (%(venues)s)
