-- Alerts of rules that a worker stored and did not come to tell: those of the last quarter of an hour, from before a time.
SELECT a.alert_id, a.rule_id, a.instrument_id, a.reference, a.title, a.detail,
    extract(epoch FROM a.ts)::double precision AS ts, extract(epoch FROM a.known_at)::double precision AS known_at
FROM order_book_alerts AS a
WHERE a.rule_id = ANY(%(rules)s::integer[]) AND a.instrument_id = ANY(%(instruments)s::integer[])
    AND a.ts > %(before)s::timestamptz - INTERVAL '1 hour'
    AND a.known_at > %(before)s::timestamptz - INTERVAL '15 minutes' AND a.known_at < %(before)s
    AND NOT EXISTS (
        SELECT FROM alert_deliveries AS d
        WHERE d.instrument_id = a.instrument_id AND d.ts = a.ts AND d.kind = a.kind AND d.reference = a.reference
    )
ORDER BY a.alert_id
