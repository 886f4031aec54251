-- Net positions of a coin ($1) by group and week of [$2, $3), in coins of all its contracts, futures only.
SELECT ts, trader_group, sum(net) AS net
FROM cot
WHERE base = $1 AND report = 'futures' AND ts >= $2 AND ts < $3
GROUP BY ts, trader_group
ORDER BY trader_group, ts
