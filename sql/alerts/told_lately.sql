SELECT count(*) AS told FROM platform_alert_deliveries
WHERE settled_at > now() - INTERVAL '1 minute' AND outcome = 'delivered'
