-- Alerts that are open, worst first.
SELECT alert_id, kind, subject, severity, title, detail, raised_at, seen_at, told_at, told, tellings, tries, tried_at
FROM platform_alerts
WHERE resolved_at IS NULL
ORDER BY array_position('{critical,warning,info}', severity), raised_at, alert_id
