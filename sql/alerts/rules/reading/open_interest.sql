-- Open interest beside that of an hour and a day before, each within some minutes of then, as known then.
SELECT o.instrument_id, extract(epoch FROM o.ts)::double precision AS ts,
    extract(epoch FROM o.known_at)::double precision AS known_at, o.base_amount, o.quote_value,
    o.base_amount / nullif(h.base_amount, 0) - 1 AS change_1h, o.base_amount / nullif(d.base_amount, 0) - 1 AS change_24h
FROM open_interest_readings AS o
LEFT JOIN LATERAL (
    SELECT b.base_amount FROM open_interest_readings AS b
    WHERE b.instrument_id = o.instrument_id AND b.ts <= o.ts - INTERVAL '1 hour' AND b.ts > o.ts - INTERVAL '70 minutes'
        AND b.known_at <= o.known_at
    ORDER BY b.ts DESC LIMIT 1
) AS h ON true
LEFT JOIN LATERAL (
    SELECT b.base_amount FROM open_interest_readings AS b
    WHERE b.instrument_id = o.instrument_id AND b.ts <= o.ts - INTERVAL '24 hours' AND b.ts > o.ts - INTERVAL '25 hours'
        AND b.known_at <= o.known_at
    ORDER BY b.ts DESC LIMIT 1
) AS d ON true
WHERE o.instrument_id = ANY(%(instruments)s::integer[])
    AND o.ts > %(after)s::timestamptz - INTERVAL '1 hour' AND o.ts <= %(until)s::timestamptz + INTERVAL '1 minute'
    AND o.known_at > %(after)s AND o.known_at <= %(until)s
