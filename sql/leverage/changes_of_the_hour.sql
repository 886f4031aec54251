-- The newest open interest of each perpetual beside that of an hour before it; none where that hour has a hole.
SELECT i.venue, i.symbol, i.instrument_id, l.open_interest_at AS ts, l.open_interest_known_at AS known_at,
    l.base_amount, l.quote_value, i.quote = ANY (%(dollars)s) AS in_dollars, b.ts AS before_ts,
    b.base_amount AS before_amount
FROM futures_latest AS l
JOIN instruments AS i USING (instrument_id)
CROSS JOIN LATERAL (
    SELECT r.ts, r.base_amount FROM open_interest_readings AS r
    WHERE r.instrument_id = l.instrument_id AND r.ts <= l.open_interest_at - INTERVAL '1 hour'
        AND r.ts > l.open_interest_at - INTERVAL '80 minutes'
    ORDER BY r.ts DESC LIMIT 1
) AS b
WHERE i.kind = 'perpetual' AND l.open_interest_at > %(now)s - INTERVAL '15 minutes' AND l.open_interest_at <= %(now)s
