-- Perpetuals of which open interest or funding is stored in a window (start to end), those of one coin together.
SELECT i.instrument_id, i.base
FROM instruments AS i
WHERE i.kind = 'perpetual' AND (
    EXISTS (
        SELECT FROM open_interest_readings AS o
        WHERE o.instrument_id = i.instrument_id AND o.ts >= %(start)s AND o.ts < %(end)s
    ) OR EXISTS (
        SELECT FROM funding_settlements AS f
        WHERE f.instrument_id = i.instrument_id AND f.ts >= %(start)s AND f.ts < %(end)s
    )
)
ORDER BY i.base, i.instrument_id
