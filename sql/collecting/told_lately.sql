-- Alerts of what is collected that the webhook got within the last minute.
SELECT count(*)::integer AS told FROM market_alerts WHERE delivered_at > clock_timestamp() - INTERVAL '1 minute'
