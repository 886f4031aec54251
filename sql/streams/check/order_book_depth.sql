-- Binned depth of the newest hour; ahead: seconds that the venue's time is before our receipt of it, misplaced: bins by
-- which mid is not where the row says, lowest: the smallest size of a bin.
SELECT instrument_id, ts, update_id, mid, bin_bps, mid_bin,
    abs(floor(ln(mid) / ln(1 + bin_bps / 10000)) - mid_bin)::integer AS misplaced,
    cardinality(bid_sizes) AS bid_bins, cardinality(ask_sizes) AS ask_bins,
    least(0, (SELECT min(size) FROM unnest(bid_sizes || ask_sizes) AS size))::double precision AS lowest,
    extract(epoch FROM ts - known_at)::double precision AS ahead
FROM order_book_depth
WHERE ts >= now() - INTERVAL '1 hour'
ORDER BY ts DESC
LIMIT $1
