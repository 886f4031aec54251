-- Liquidations of the newest hour; ahead: seconds that the venue's time is before our receipt of it, early: that it told
-- of one before it was traded; opposed: whether order and position are on the sides that belong together.
SELECT instrument_id, ts, position_side, order_side, price, size, occurrence, average_price, base_amount, notional,
    notional_usd, coalesce(filled - size, 0) AS overfilled,
    (CASE WHEN (position_side = 'long') = (order_side = 'sell') THEN 0 ELSE 1 END)::integer AS opposed,
    extract(epoch FROM ts - received_at)::double precision AS ahead,
    extract(epoch FROM ts - published_at)::double precision AS early
FROM liquidations
WHERE ts >= now() - INTERVAL '1 hour'
ORDER BY ts DESC
LIMIT $1
