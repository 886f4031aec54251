-- States of books of the newest hour; ahead: seconds that the venue's time is before our receipt of it.
SELECT instrument_id, ts, update_id, best_bid, bid_size, best_ask, ask_size, mid, spread_bps, weighted_mid,
    imbalance, greatest(best_bid - weighted_mid, weighted_mid - best_ask) / mid AS outside,
    extract(epoch FROM ts - received_at)::double precision AS ahead,
    cardinality(bid_prices) - cardinality(bid_sizes) AS uneven_bids,
    cardinality(ask_prices) - cardinality(ask_sizes) AS uneven_asks
FROM order_book_snapshots
WHERE ts >= now() - INTERVAL '1 hour'
ORDER BY ts DESC
LIMIT $1
