CREATE OR REPLACE VIEW exposure_by_account AS
SELECT
    e.account, e.positions, e.long_usd, e.short_usd, e.net_usd, e.gross_usd, e.gain_usd, e.not_valued,
    b.balance + e.settled_gain_usd AS equity_usd,
    CASE WHEN b.balance + e.settled_gain_usd > 0 THEN e.gross_usd / (b.balance + e.settled_gain_usd) END AS leverage_now
FROM (
    SELECT
        x.account, count(*) AS positions,
        coalesce(sum(x.exposure_usd) FILTER (WHERE x.side = 'long'), 0) AS long_usd,
        coalesce(-sum(x.exposure_usd) FILTER (WHERE x.side = 'short'), 0) AS short_usd,
        coalesce(sum(x.exposure_usd), 0) AS net_usd, coalesce(sum(abs(x.exposure_usd)), 0) AS gross_usd,
        coalesce(sum(x.gain_usd), 0) AS gain_usd,
        coalesce(sum(x.gain_usd) FILTER (WHERE x.settle = x.quote), 0) AS settled_gain_usd,
        count(*) FILTER (WHERE x.exposure_usd IS NULL) AS not_valued
    FROM exposure AS x
    GROUP BY x.account
) AS e
LEFT JOIN (
    SELECT n.account, sum(n.wallet_balance) AS balance
    FROM (
        SELECT DISTINCT ON (a.account, a.currency) a.account, a.currency, a.wallet_balance FROM account_balances AS a
        WHERE a.known_at <= now() ORDER BY a.account, a.currency, a.ts DESC
    ) AS n
    WHERE n.currency IN ('USD', 'USDT', 'USDC', 'FDUSD', 'BUSD', 'TUSD', 'USDP', 'DAI', 'USDE', 'PYUSD')
    GROUP BY n.account
) AS b USING (account);
COMMENT ON VIEW exposure_by_account IS 'What each account holds now, and its leverage.';
COMMENT ON COLUMN exposure_by_account.account IS 'Account.';
COMMENT ON COLUMN exposure_by_account.positions IS 'Positions in it.';
COMMENT ON COLUMN exposure_by_account.long_usd IS 'Longs, in dollars.';
COMMENT ON COLUMN exposure_by_account.short_usd IS 'Shorts, in dollars, above 0.';
COMMENT ON COLUMN exposure_by_account.net_usd IS 'Longs less shorts, in dollars.';
COMMENT ON COLUMN exposure_by_account.gross_usd IS 'What they are worth, whatever their side, in dollars.';
COMMENT ON COLUMN exposure_by_account.gain_usd IS 'Unrealised gain in dollars; null for other quote currencies.';
COMMENT ON COLUMN exposure_by_account.not_valued IS 'Positions that are not in the sums: without a price, or in another currency.';
COMMENT ON COLUMN exposure_by_account.equity_usd IS 'Balances in dollars, and unrealised gains of what settles in them; null where no balance is known.';
COMMENT ON COLUMN exposure_by_account.leverage_now IS 'gross_usd over equity_usd; null where no balance is known or it is not above 0.';
