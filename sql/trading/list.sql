SELECT network, venue, client_id, symbol, side, kind, size, price, stop_price, status, filled, average_price, venue_order_id,
    error, created_at, known_at
FROM trading_orders
WHERE %(everything)s OR status IN ('sending', 'unknown', 'open')
ORDER BY created_at DESC
LIMIT 200
