-- One row an order, made before anything is sent; who comes second gets none.
INSERT INTO trading_orders (network, venue, client_id, symbol, side, kind, size, price, stop_price, reduce_only, status, replaces)
VALUES (%(network)s, %(venue)s, %(client_id)s, %(symbol)s, %(side)s, %(kind)s, %(size)s, %(price)s, %(stop_price)s,
    %(reduce_only)s, 'sending', %(replaces)s)
ON CONFLICT (network, venue, client_id) DO NOTHING
RETURNING client_id
