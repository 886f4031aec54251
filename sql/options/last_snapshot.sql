-- The newest snapshot of a family ($2) in a window.
SELECT q.ts, c.expiry, c.strike, c.kind, q.mark_iv, q.delta, q.open_interest
FROM option_quotes AS q
JOIN option_contracts AS c USING (contract_id)
WHERE c.provider = $1 AND c.currency = $2
    AND q.ts = (
        SELECT max(ts) FROM option_summaries
        WHERE provider = $1 AND currency = $2 AND ts >= $3 AND ts < $4
    )
ORDER BY c.expiry, c.strike, c.kind
