-- Whales of the newest hour.
SELECT instrument_id, ts, kind, side, price, size, notional, distance_bps,
    extract(epoch FROM ts - known_at)::double precision AS ahead
FROM whale_activities
WHERE ts >= now() - INTERVAL '1 hour'
ORDER BY ts DESC
LIMIT $1
