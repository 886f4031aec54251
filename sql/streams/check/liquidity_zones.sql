-- Liquidity zones of the newest hour.
SELECT instrument_id, ts, side, price, low, high, notional, strength, age_seconds, touches,
    extract(epoch FROM ts - known_at)::double precision AS ahead,
    extract(epoch FROM since - ts)::double precision AS since_after
FROM liquidity_zones
WHERE ts >= now() - INTERVAL '1 hour'
ORDER BY ts DESC
LIMIT $1
