UPDATE trading_orders SET size = %(size)s, price = %(price)s, known_at = clock_timestamp()
WHERE network = %(network)s AND venue = %(venue)s AND client_id = %(client_id)s
