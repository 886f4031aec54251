SELECT name FROM alert_rules ORDER BY lower(name)
