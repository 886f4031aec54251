-- Deliveries of the last hour, of alerts of the market and of the platform: how many failed since one last arrived.
WITH settled AS (
    SELECT d.settled_at, d.outcome, d.error FROM platform_alert_deliveries AS d
    WHERE d.settled_at > now() - INTERVAL '1 hour'
    UNION ALL
    SELECT d.settled_at, d.outcome, d.error
    FROM order_book_alerts AS a
    JOIN alert_deliveries AS d USING (instrument_id, ts, kind, reference)
    WHERE a.ts > now() - INTERVAL '1 hour'
)
SELECT count(*) AS failed, (array_agg(error ORDER BY settled_at DESC))[1] AS error, min(settled_at) AS since
FROM settled
WHERE outcome = 'failed'
    AND settled_at > coalesce((SELECT max(settled_at) FROM settled WHERE outcome = 'delivered'), '-infinity')
