SELECT DISTINCT ON (b.account, b.currency) b.account, b.currency, b.wallet_balance, b.known_at
FROM account_balances AS b
WHERE b.known_at <= %(at)s AND b.ts <= %(at)s
ORDER BY b.account, b.currency, b.ts DESC
