-- Deliveries of the last hour, of alerts of the market and of the platform: of each sink, how many failed since one last
-- arrived there.
WITH settled AS (
    SELECT d.sink, d.settled_at, d.outcome, d.error FROM platform_alert_deliveries AS d
    WHERE d.settled_at > now() - INTERVAL '1 hour'
    UNION ALL
    SELECT d.sink, d.settled_at, d.outcome, d.error FROM alert_deliveries AS d
    WHERE d.settled_at > now() - INTERVAL '1 hour'
    UNION ALL
    SELECT d.key, coalesce((d.value ->> 'settled_at')::timestamptz, m.known_at), d.value ->> 'outcome', d.value ->> 'error'
    FROM market_alerts AS m
    CROSS JOIN jsonb_each(m.deliveries) AS d
    WHERE m.known_at > now() - INTERVAL '1 hour'
)
SELECT s.sink, count(*) AS failed, (array_agg(s.error ORDER BY s.settled_at DESC))[1] AS error
FROM settled AS s
WHERE s.outcome = 'failed' AND s.settled_at > coalesce((
    SELECT max(d.settled_at) FROM settled AS d WHERE d.sink = s.sink AND d.outcome = 'delivered'
), '-infinity')
GROUP BY s.sink
ORDER BY s.sink
