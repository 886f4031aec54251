-- An alert of what is collected, unless one of its kind, subject and reference was told of just before.
INSERT INTO market_alerts (
    kind, subject, ts, reference, severity, title, detail, known_at, instrument_id, logic_version
)
SELECT %(kind)s, %(subject)s, %(ts)s, %(reference)s, %(severity)s, %(title)s, %(detail)s, %(known_at)s,
    %(instrument_id)s, %(logic_version)s
WHERE NOT EXISTS (
    SELECT FROM market_alerts AS a
    WHERE a.kind = %(kind)s AND a.subject = %(subject)s AND a.reference = %(reference)s
        AND a.known_at > %(known_at)s - %(cool_down)s::interval
)
ON CONFLICT DO NOTHING
RETURNING kind
