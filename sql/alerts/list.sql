-- What fired lately, the newest first.
SELECT alert_id, known_at, ts, venue, symbol, kind, severity, title, detail, reference, delivery, deliveries, rule_id,
    acknowledged_at, acknowledged_by
FROM alerts
WHERE known_at > %(since)s AND (%(kind)s::text IS NULL OR kind = %(kind)s)
    AND (%(rule_id)s::integer IS NULL OR rule_id = %(rule_id)s)
    AND (%(open)s IS NOT TRUE OR acknowledged_at IS NULL)
ORDER BY known_at DESC, alert_id DESC
LIMIT %(limit)s
