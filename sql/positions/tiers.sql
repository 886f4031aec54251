-- The newest table of tiers of each instrument, as known at a time.
SELECT t.instrument_id, t.notional_floor, t.rate, t.amount
FROM maintenance_tiers AS t
WHERE t.instrument_id = ANY(%(instruments)s) AND t.ts = (
    SELECT max(n.ts) FROM maintenance_tiers AS n
    WHERE n.instrument_id = t.instrument_id AND n.known_at <= %(at)s AND n.ts <= %(at)s
)
ORDER BY t.instrument_id, t.notional_floor
