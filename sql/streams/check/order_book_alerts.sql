-- Alerts of the newest hour.
SELECT instrument_id, ts, kind, severity, title, length(title) AS title_length,
    extract(epoch FROM ts - known_at)::double precision AS ahead
FROM order_book_alerts
WHERE ts >= now() - INTERVAL '1 hour'
ORDER BY ts DESC
LIMIT $1
