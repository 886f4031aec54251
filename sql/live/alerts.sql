-- The newest alerts, of one instrument or of all, oldest first.
SELECT * FROM (
    SELECT venue, symbol, ts, known_at, kind, severity, title, detail, reference
    FROM alerts
    WHERE ts >= now() - INTERVAL '2 days'
        AND (venue = %(venue)s OR %(venue)s = '*') AND (symbol = %(symbol)s OR %(symbol)s = '*')
    ORDER BY known_at DESC LIMIT %(most)s
) AS newest
ORDER BY known_at, ts
