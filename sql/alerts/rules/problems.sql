-- Rules that are switched on and do nothing, or less than they say, and why.
SELECT name, problem, sinks FROM alert_rules
WHERE enabled AND (expires_at IS NULL OR expires_at > clock_timestamp()) AND (problem IS NOT NULL OR sinks IS NOT NULL)
ORDER BY lower(name)
