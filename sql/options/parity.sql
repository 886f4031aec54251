-- Pairs of a call and a put of one strike: how far their marks are from C - P = F - K, as a share of the forward F.
-- $1 provider, $2 to $3 the window, $4 the tolerance. Prices of inverse options are in coins: C - P = 1 - K / F.
SELECT c.currency, count(*) AS pairs,
    count(*) FILTER (WHERE abs(p.gap) > $4) AS broken,
    coalesce(max(abs(p.gap)), 0) AS widest
FROM option_quotes AS cq
JOIN option_contracts AS c ON c.contract_id = cq.contract_id AND c.kind = 'call'
JOIN option_contracts AS pc
    ON pc.provider = c.provider AND pc.currency = c.currency AND pc.expiry = c.expiry AND pc.strike = c.strike AND pc.kind = 'put'
JOIN option_quotes AS pq ON pq.contract_id = pc.contract_id AND pq.ts = cq.ts
CROSS JOIN LATERAL (
    SELECT (cq.mark_price - pq.mark_price) / CASE WHEN c.inverse THEN 1 ELSE cq.underlying_price END
        - (1 - c.strike / cq.underlying_price) AS gap
) AS p
WHERE c.provider = $1 AND cq.ts >= $2 AND cq.ts < $3 AND pq.ts >= $2 AND pq.ts < $3
    AND cq.underlying_price > 0
GROUP BY c.currency
ORDER BY c.currency
