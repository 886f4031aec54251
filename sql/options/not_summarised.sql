-- Quotes of snapshots after the last that was summed up, family by family; $3 is how far back is looked at all.
-- Rows are read from the oldest of these on: each minute that is next to nothing.
WITH done AS (
    SELECT currency, max(ts) AS ts FROM option_summaries
    WHERE provider = $1 AND logic_version = $2 AND ts >= $3
    GROUP BY currency
)
SELECT c.currency, q.ts, q.known_at, c.expiry, c.strike, c.kind, q.mark_iv, q.delta, q.open_interest, q.volume_24h,
    q.underlying_price, q.index_price
FROM option_quotes AS q
JOIN option_contracts AS c USING (contract_id)
LEFT JOIN done AS d ON d.currency = c.currency
WHERE c.provider = $1 AND q.ts >= coalesce((SELECT min(ts) FROM done), $3)
    AND q.ts > coalesce(d.ts, $3::timestamptz - INTERVAL '1 second')
