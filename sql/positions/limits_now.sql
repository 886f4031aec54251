SELECT * FROM risk_limits WHERE known_at <= clock_timestamp() ORDER BY known_at DESC, version DESC LIMIT 1
