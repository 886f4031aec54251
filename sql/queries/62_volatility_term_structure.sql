-- What do options say of volatility, expiry by expiry, and how has that changed in a week?
-- atm_iv: volatility at the money, in percent; skew_25d: calls less puts, below 0 where falls are dearer to insure;
-- changes are of the same expiry a week before, null where it was not listed then or nobody collected.
-- Change: the currency, the week.
SELECT n.expiry, (extract(EPOCH FROM n.expiry - n.ts) / 86400)::double precision AS days,
    n.atm_iv, n.atm_iv - w.atm_iv AS atm_iv_change,
    n.skew_25d, n.skew_25d - w.skew_25d AS skew_change, n.butterfly_25d, n.volatility_index
FROM options_summary_now AS n
LEFT JOIN LATERAL (
    SELECT atm_iv, skew_25d FROM options_summary
    WHERE provider = n.provider AND currency = n.currency AND expiry = n.expiry
        AND ts <= n.ts - INTERVAL '7 days' AND ts > n.ts - INTERVAL '8 days'
    ORDER BY ts DESC LIMIT 1
) AS w ON true
WHERE n.currency = 'BTC' AND n.expiry IS NOT NULL
ORDER BY n.expiry;
