-- Supply of all stablecoins at the start of each day of [$1, $2), and what was issued on the day before.
SELECT day_end AS ts, supply_end_usd AS circulating_usd, net_issuance_usd
FROM stablecoin_issuance
WHERE stablecoin = 'all' AND day_end >= $1 AND day_end < $2
ORDER BY day_end
