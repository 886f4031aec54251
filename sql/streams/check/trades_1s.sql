-- Seconds with trades of the newest hour; ahead: seconds that the venue's time is before our receipt of it.
SELECT instrument_id, ts, trades, buy_volume, sell_volume, buy_value, sell_value, open, high, low, close,
    extract(epoch FROM ts - received_at)::double precision AS ahead,
    extract(microseconds FROM ts)::bigint % 1000000 AS off_grid
FROM trades_1s
WHERE ts >= now() - INTERVAL '1 hour'
ORDER BY ts DESC
LIMIT $1
