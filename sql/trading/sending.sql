UPDATE trading_orders SET sends = sends + 1, sent_at = clock_timestamp(), status = 'sending', error = NULL
WHERE network = %(network)s AND venue = %(venue)s AND client_id = %(client_id)s
RETURNING sent_at
