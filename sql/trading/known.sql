SELECT * FROM trading_orders WHERE network = %(network)s AND venue = %(venue)s AND client_id = %(client_id)s
