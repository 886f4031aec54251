-- What became of telling a sink of a rule's alert.
INSERT INTO alert_deliveries (instrument_id, ts, kind, reference, sink, outcome, attempts, error, answer, settled_at)
SELECT a.instrument_id, a.ts, a.kind, a.reference, %(sink)s, %(outcome)s, %(attempts)s, %(error)s, %(answer)s, %(settled_at)s
FROM order_book_alerts AS a
WHERE a.alert_id = %(alert_id)s
ON CONFLICT (instrument_id, ts, kind, reference, sink) DO UPDATE SET outcome = excluded.outcome,
    attempts = excluded.attempts, error = excluded.error, answer = excluded.answer, settled_at = excluded.settled_at
