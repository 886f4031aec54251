-- An alert as a row: opened, brought up to date, or closed. A resolved one that was never open is kept as such.
WITH known AS (
    UPDATE platform_alerts
    SET severity = CASE WHEN %(resolved)s THEN severity ELSE %(severity)s END,
        title = CASE WHEN %(resolved)s THEN title ELSE %(title)s END,
        detail = CASE WHEN %(resolved)s THEN detail ELSE %(detail)s END,
        seen_at = CASE WHEN %(resolved)s THEN seen_at ELSE greatest(seen_at, %(at)s) END,
        resolved_at = CASE WHEN %(resolved)s THEN greatest(raised_at, %(at)s) END
    WHERE kind = %(kind)s AND subject = %(subject)s AND resolved_at IS NULL
    RETURNING alert_id
),
made AS (
    INSERT INTO platform_alerts (kind, subject, severity, title, detail, raised_at, seen_at, resolved_at)
    SELECT %(kind)s, %(subject)s, %(severity)s, %(title)s, %(detail)s, %(at)s, %(at)s,
        CASE WHEN %(resolved)s THEN %(at)s::timestamptz END
    WHERE NOT EXISTS (SELECT FROM known)
    ON CONFLICT (kind, subject) WHERE resolved_at IS NULL
    DO UPDATE SET title = excluded.title, detail = excluded.detail, seen_at = excluded.seen_at
    RETURNING alert_id
)
SELECT alert_id FROM known UNION ALL SELECT alert_id FROM made
