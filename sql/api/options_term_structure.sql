-- The newest summary of each expiry that was known at a moment and is not older than a day.
SELECT s.*, (extract(EPOCH FROM s.expiry - s.ts) / 86400)::double precision AS days,
    s.max_pain / nullif(s.price, 0) - 1 AS max_pain_from_price
FROM (SELECT coalesce({at}::timestamptz, now()) AS moment) AS m
CROSS JOIN (SELECT DISTINCT provider, currency FROM option_contracts) AS f
CROSS JOIN LATERAL (
    SELECT max(o.ts) AS ts FROM options_summary AS o
    WHERE o.provider = f.provider AND o.currency = f.currency AND o.known_at <= m.moment
        AND o.ts <= m.moment AND o.ts > m.moment - INTERVAL '24 hours'
) AS n
JOIN options_summary AS s ON s.provider = f.provider AND s.currency = f.currency AND s.ts = n.ts
WHERE s.expiry IS NOT NULL
