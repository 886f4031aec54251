CREATE OR REPLACE VIEW depth_history AS
SELECT i.venue, i.symbol, d.ts, d.update_id, d.known_at, d.mid, d.bin_bps, d.mid_bin, d.bid_sizes, d.ask_sizes,
    d.known_from, d.known_to, d.unit, d.logic_version, d.instrument_id
FROM order_book_depth AS d
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW depth_history IS 'What rested in proven books by bins of price around mid: one row a moment, bins as arrays. For one row a bin see depth_heatmap; for a picture of a window order_book_heatmap().';
COMMENT ON COLUMN depth_history.venue IS 'Venue.';
COMMENT ON COLUMN depth_history.symbol IS 'Unified symbol.';
COMMENT ON COLUMN depth_history.ts IS 'When this was the state of the book, by the venue''s clock.';
COMMENT ON COLUMN depth_history.update_id IS 'The venue''s id of the last update in it, as in order_book.';
COMMENT ON COLUMN depth_history.known_at IS 'When that update reached us, by our clock.';
COMMENT ON COLUMN depth_history.mid IS '(best bid + best ask) / 2, in quote units.';
COMMENT ON COLUMN depth_history.bin_bps IS 'Width of a bin, in basis points. Bins of another width are another grid.';
COMMENT ON COLUMN depth_history.mid_bin IS 'Number of the bin that mid lies in. Bin i holds prices from r^i to below r^(i+1), r = 1 + bin_bps / 10,000.';
COMMENT ON COLUMN depth_history.bid_sizes IS 'Size of the bids in each bin from that of mid downwards, in unit. It ends where nothing more is known; within it 0 is empty.';
COMMENT ON COLUMN depth_history.ask_sizes IS 'Size of the asks in each bin from that of mid upwards, in unit. It ends as bid_sizes does.';
COMMENT ON COLUMN depth_history.known_from IS 'Lowest bid price up to which the book was known; null where all of it was.';
COMMENT ON COLUMN depth_history.known_to IS 'Highest ask price up to which the book was known; null where all of it was.';
COMMENT ON COLUMN depth_history.unit IS 'What sizes are in: base (units of the base asset), or contracts where nobody told what a contract is worth.';
COMMENT ON COLUMN depth_history.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN depth_history.instrument_id IS 'Key of the instrument, for joins.';
