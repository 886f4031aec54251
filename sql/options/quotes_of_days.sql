-- Quotes of some days with what their greeks follow from.
SELECT q.contract_id, q.ts, q.known_at, q.mark_price, q.mark_iv, q.bid_price, q.ask_price, q.open_interest, q.volume_24h,
    q.underlying_price, q.index_price, q.interest_rate, c.expiry, c.strike, c.kind
FROM option_quotes AS q
JOIN option_contracts AS c USING (contract_id)
WHERE c.provider = $1 AND q.ts >= $2 AND q.ts < $3
ORDER BY q.contract_id, q.ts
