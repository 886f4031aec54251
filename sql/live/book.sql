-- The newest stored state of a book, and whether it is proven now.
SELECT b.ts, b.update_id, b.received_at, coalesce(s.state, 'none') AS state, b.mid, b.spread_bps, b.imbalance,
    b.bid_prices, b.bid_sizes, b.ask_prices, b.ask_sizes
FROM (SELECT 1) AS one
LEFT JOIN LATERAL (
    SELECT * FROM order_book_snapshots
    WHERE instrument_id = %(instrument_id)s AND ts >= now() - INTERVAL '1 hour'
    ORDER BY ts DESC, update_id DESC LIMIT 1
) AS b ON true
LEFT JOIN order_book_status AS s ON s.instrument_id = %(instrument_id)s
WHERE b.ts IS NOT NULL OR s.state IS NOT NULL
