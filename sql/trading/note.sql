INSERT INTO trading_audit (network, venue, client_id, action, step, detail)
VALUES (%(network)s, %(venue)s, %(client_id)s, %(action)s, %(step)s, %(detail)s)
