-- The rate due next, as last told within an hour; else the last that was settled, of two intervals at most.
SELECT w.instrument_id, f.rate, f.interval_hours, f.ts
FROM unnest(%(instruments)s::integer[]) AS w (instrument_id)
CROSS JOIN LATERAL (
    SELECT * FROM (
        (SELECT 1 AS rank, m.funding_rate AS rate, m.interval_hours, m.ts FROM mark_price_readings AS m
        WHERE m.instrument_id = w.instrument_id AND m.known_at <= %(at)s AND m.ts <= %(at)s
            AND m.ts > %(at)s - INTERVAL '1 hour' AND m.funding_rate IS NOT NULL AND m.interval_hours > 0
        ORDER BY m.ts DESC LIMIT 1)
        UNION ALL
        (SELECT 2, s.rate, s.interval_hours, s.ts FROM funding_settlements AS s
        WHERE s.instrument_id = w.instrument_id AND s.known_at <= %(at)s AND s.ts <= %(at)s
            AND s.ts > %(at)s - INTERVAL '3 days' AND s.interval_hours > 0
            AND s.ts > %(at)s - 2 * s.interval_hours * INTERVAL '1 hour'
        ORDER BY s.ts DESC LIMIT 1)
    ) AS rates
    ORDER BY rates.rank LIMIT 1
) AS f
