INSERT INTO risk_limits (account, known_at, equity, max_symbol, max_leverage, max_value_at_risk, max_correlation, max_correlated)
VALUES (%(account)s, clock_timestamp(), %(equity)s, %(max_symbol)s, %(max_leverage)s, %(max_value_at_risk)s,
    %(max_correlation)s, %(max_correlated)s)
RETURNING version
