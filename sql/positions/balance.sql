INSERT INTO account_balances (account, currency, ts, known_at, wallet_balance, source)
VALUES (%(account)s, %(currency)s, clock_timestamp(), clock_timestamp(), %(amount)s, 'cli')
