-- What became of telling the sinks of an alert.
UPDATE market_alerts SET
    delivery = %(outcome)s, delivery_error = %(error)s, deliveries = %(deliveries)s,
    delivered_at = CASE WHEN %(outcome)s = 'delivered' THEN %(settled_at)s::timestamptz END
WHERE kind = %(kind)s AND subject = %(subject)s AND ts = %(ts)s AND reference = %(reference)s
