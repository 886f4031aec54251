-- Alerts that each sink got within the last minute.
SELECT sink, count(*)::integer AS told FROM alert_deliveries
WHERE settled_at > clock_timestamp() - INTERVAL '1 minute' AND outcome = 'delivered'
GROUP BY sink
