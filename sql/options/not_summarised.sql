-- Quotes of snapshots that came after the last one that was summed up.
SELECT c.currency, q.ts, q.known_at, c.expiry, c.strike, c.kind, q.mark_iv, q.delta, q.open_interest, q.volume_24h,
    q.underlying_price, q.index_price
FROM option_quotes AS q
JOIN option_contracts AS c USING (contract_id)
LEFT JOIN (
    SELECT currency, max(ts) AS ts FROM option_summaries
    WHERE provider = $1 AND logic_version = $2 AND ts >= $3
    GROUP BY currency
) AS s ON s.currency = c.currency
WHERE c.provider = $1 AND q.ts >= $3 AND q.ts > coalesce(s.ts, '-infinity')
