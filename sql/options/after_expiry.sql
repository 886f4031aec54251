-- Quotes of options that had expired by then.
SELECT c.currency, count(*) FILTER (WHERE q.ts >= c.expiry) AS expired
FROM option_quotes AS q
JOIN option_contracts AS c USING (contract_id)
WHERE c.provider = $1 AND q.ts >= $2 AND q.ts < $3
GROUP BY c.currency
