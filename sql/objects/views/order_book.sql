CREATE OR REPLACE VIEW order_book AS
SELECT i.venue, i.symbol, b.ts, b.update_id, b.received_at, b.best_bid, b.bid_size, b.best_ask, b.ask_size, b.mid,
    b.spread_bps, b.weighted_mid, b.imbalance, b.bid_slope, b.ask_slope, b.bid_depth_10bps, b.ask_depth_10bps,
    b.bid_depth_50bps, b.ask_depth_50bps, b.known_from, b.known_to, b.flow_start, b.flow_messages, b.flow_complete,
    b.ofi, b.ofi_levels, b.bid_prices, b.bid_sizes, b.ask_prices, b.ask_sizes, b.logic_version, b.created_at,
    b.instrument_id
FROM order_book_snapshots AS b
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW order_book IS 'Proven order books at set intervals, with what was measured of them.';
COMMENT ON COLUMN order_book.venue IS 'Venue.';
COMMENT ON COLUMN order_book.symbol IS 'Unified symbol.';
COMMENT ON COLUMN order_book.ts IS 'When this was the state of the book, by the venue''s clock.';
COMMENT ON COLUMN order_book.update_id IS 'The venue''s id of the last update in it.';
COMMENT ON COLUMN order_book.received_at IS 'When that update reached us. Compare this, not ts, with order_book_events: both are our clock.';
COMMENT ON COLUMN order_book.best_bid IS 'Highest bid, in quote units.';
COMMENT ON COLUMN order_book.bid_size IS 'Size at the highest bid, in the venue''s unit.';
COMMENT ON COLUMN order_book.best_ask IS 'Lowest ask, in quote units.';
COMMENT ON COLUMN order_book.ask_size IS 'Size at the lowest ask, in the venue''s unit.';
COMMENT ON COLUMN order_book.mid IS '(best_bid + best_ask) / 2.';
COMMENT ON COLUMN order_book.spread_bps IS '(best_ask - best_bid) / mid, in basis points.';
COMMENT ON COLUMN order_book.weighted_mid IS '(best_bid x ask_size + best_ask x bid_size) / (bid_size + ask_size): the weighted mid, not Stoikov''s micro-price.';
COMMENT ON COLUMN order_book.imbalance IS '(bid size - ask size) / (bid size + ask size) over the best levels of each side, -1 to 1; above 0: more bids.';
COMMENT ON COLUMN order_book.bid_slope IS 'Notional of bids per basis point away from mid: least squares through the origin, best levels. Steeper is deeper.';
COMMENT ON COLUMN order_book.ask_slope IS 'Notional of asks per basis point away from mid: least squares through the origin, best levels.';
COMMENT ON COLUMN order_book.bid_depth_10bps IS 'Notional of bids within 10 bps of mid, in quote units. Unknown is null: the band reaches beyond what the venue told.';
COMMENT ON COLUMN order_book.ask_depth_10bps IS 'Notional of asks within 10 bps of mid, in quote units. Unknown is null: the band reaches beyond what the venue told.';
COMMENT ON COLUMN order_book.bid_depth_50bps IS 'Notional of bids within 50 bps of mid, in quote units. Unknown is null: the band reaches beyond what the venue told.';
COMMENT ON COLUMN order_book.ask_depth_50bps IS 'Notional of asks within 50 bps of mid, in quote units. Unknown is null: the band reaches beyond what the venue told.';
COMMENT ON COLUMN order_book.known_from IS 'Lowest bid price up to which the book is known; null or 0 where all of it is. Below it depth is unknown, not zero.';
COMMENT ON COLUMN order_book.known_to IS 'Highest ask price up to which the book is known; null where all of it is.';
COMMENT ON COLUMN order_book.flow_start IS 'Start of the interval that the order flow is of, by our clock; it ends where that of the next snapshot starts.';
COMMENT ON COLUMN order_book.flow_messages IS 'Updates in that interval.';
COMMENT ON COLUMN order_book.flow_complete IS 'Whether the book was synced all of that interval; otherwise the order flow is of a part only.';
COMMENT ON COLUMN order_book.ofi IS 'Order flow imbalance at the best level (Cont, Kukanov, Stoikov 2014), in the venue''s unit of size; above 0: buying pressure.';
COMMENT ON COLUMN order_book.ofi_levels IS 'The same at each of the best levels, best first (Xu, Gould, Howison 2019).';
COMMENT ON COLUMN order_book.bid_prices IS 'Prices of the best bids, best first.';
COMMENT ON COLUMN order_book.bid_sizes IS 'Their sizes, in the venue''s unit.';
COMMENT ON COLUMN order_book.ask_prices IS 'Prices of the best asks, best first.';
COMMENT ON COLUMN order_book.ask_sizes IS 'Their sizes, in the venue''s unit.';
COMMENT ON COLUMN order_book.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN order_book.created_at IS 'When the row was made.';
COMMENT ON COLUMN order_book.instrument_id IS 'Key of the instrument, for joins.';
