-- What became of telling the webhook of an alert.
UPDATE market_alerts SET
    delivery = %(outcome)s, delivery_error = %(error)s,
    delivered_at = CASE WHEN %(outcome)s = 'delivered' THEN %(settled_at)s::timestamptz END
WHERE kind = %(kind)s AND subject = %(subject)s AND ts = %(ts)s AND reference = %(reference)s
