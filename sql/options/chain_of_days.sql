SELECT c.currency, q.ts, q.known_at, c.expiry, c.strike, c.kind, q.mark_iv, q.delta, q.open_interest, q.volume_24h,
    q.underlying_price, q.index_price
FROM option_quotes AS q
JOIN option_contracts AS c USING (contract_id)
WHERE c.provider = $1 AND q.ts >= $2 AND q.ts < $3
