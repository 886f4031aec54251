-- The newest proven book of an instrument ($1) at most 60 seconds before each of these moments ($2), as it was known then.
SELECT m.known_at, b.spread_bps, b.imbalance AS book_imbalance
FROM unnest($2::timestamptz[]) AS m (known_at)
CROSS JOIN LATERAL (
    SELECT o.spread_bps, o.imbalance
    FROM order_book_snapshots AS o
    WHERE o.instrument_id = $1 AND o.ts <= m.known_at AND o.ts > m.known_at - INTERVAL '60 seconds'
        AND o.received_at <= m.known_at
    ORDER BY o.ts DESC, o.update_id DESC
    LIMIT 1
) AS b
