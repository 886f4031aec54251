CREATE OR REPLACE VIEW signals_with_order_book AS
SELECT
    s.venue, s.symbol, s.timeframe, s.ts, s.known_at, s.signal, s.score, s.confidence, s.entry, s.stop,
    s.target, s.expires_at, s.instrument_id,
    b.ts AS book_ts, b.mid, b.weighted_mid, b.spread_bps, b.imbalance,
    (b.weighted_mid - b.mid) * sign(s.score) > 0 AS book_agrees
FROM signals AS s
LEFT JOIN LATERAL (
    SELECT o.ts, o.mid, o.weighted_mid, o.spread_bps, o.imbalance
    FROM order_book_snapshots AS o
    WHERE o.instrument_id = s.instrument_id AND o.ts <= s.known_at AND o.ts > s.known_at - INTERVAL '60 seconds'
        AND o.received_at <= s.known_at
    ORDER BY o.ts DESC, o.update_id DESC
    LIMIT 1
) AS b ON true;
COMMENT ON VIEW signals_with_order_book IS 'Signals beside the order book as it was known then: the newest proven book of at most 60 seconds before; null where there was none.';
COMMENT ON COLUMN signals_with_order_book.venue IS 'Venue.';
COMMENT ON COLUMN signals_with_order_book.symbol IS 'Unified symbol.';
COMMENT ON COLUMN signals_with_order_book.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN signals_with_order_book.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN signals_with_order_book.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN signals_with_order_book.signal IS 'strong_buy, buy, weak_buy, neutral, weak_sell, sell or strong_sell.';
COMMENT ON COLUMN signals_with_order_book.score IS 'net times confidence, -100 to 100; below 0 sells.';
COMMENT ON COLUMN signals_with_order_book.confidence IS 'Mean confidence of the winning patterns, 0 to 100; null where no side wins.';
COMMENT ON COLUMN signals_with_order_book.entry IS 'Close of the bar, in quote units.';
COMMENT ON COLUMN signals_with_order_book.stop IS 'Price at which it is wrong. This and what follows is null of neutral signals.';
COMMENT ON COLUMN signals_with_order_book.target IS 'Price it aims at.';
COMMENT ON COLUMN signals_with_order_book.expires_at IS 'When it is over; null of neutral signals.';
COMMENT ON COLUMN signals_with_order_book.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN signals_with_order_book.book_ts IS 'When that was the state of the book, by the venue''s clock; null where no book was known.';
COMMENT ON COLUMN signals_with_order_book.mid IS 'Middle of best bid and ask, in quote units.';
COMMENT ON COLUMN signals_with_order_book.weighted_mid IS 'Weighted mid: (best bid x ask size + best ask x bid size) over both sizes, in quote units.';
COMMENT ON COLUMN signals_with_order_book.spread_bps IS 'Spread over mid, in basis points.';
COMMENT ON COLUMN signals_with_order_book.imbalance IS '(bid size - ask size) over both, of the best levels of each side, -1 to 1; above 0: more bids.';
COMMENT ON COLUMN signals_with_order_book.book_agrees IS 'Whether the weighted mid lies on the signal''s side of the mid; false of neutral signals.';
