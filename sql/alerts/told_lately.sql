-- Alerts of the platform that a sink got within the last minute, the one that got most.
SELECT coalesce(max(told), 0) AS told FROM (
    SELECT count(*) AS told FROM platform_alert_deliveries
    WHERE settled_at > now() - INTERVAL '1 minute' AND outcome = 'delivered'
    GROUP BY sink
) AS sinks
