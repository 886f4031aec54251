-- How far the closed bars of a timeframe that open before %(end)s reach: the newest of the symbols of these venues, and
-- that of the symbol furthest behind. {timeframe} is its name, {relation} its relation.
SELECT t.timeframe, count(*) AS symbols, max(n.ts) AS newest, min(n.ts) AS furthest_behind
FROM timeframes AS t
JOIN instruments AS i ON i.tracked AND i.venue = ANY (%(venues)s)
CROSS JOIN LATERAL (
    SELECT b.ts FROM {relation} AS b
    WHERE b.instrument_id = i.instrument_id AND b.ts < %(end)s AND b.ts <= now() - t.length
    ORDER BY b.ts DESC LIMIT 1
) AS n
WHERE t.timeframe = '{timeframe}'
GROUP BY t.timeframe
