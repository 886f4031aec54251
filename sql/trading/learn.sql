UPDATE trading_orders
SET status = %(status)s, venue_order_id = coalesce(%(venue_id)s, venue_order_id), filled = coalesce(%(filled)s, filled),
    average_price = coalesce(%(average)s, average_price), error = %(error)s, known_at = clock_timestamp()
WHERE network = %(network)s AND venue = %(venue)s AND client_id = %(client_id)s
