-- What rests in order books by price bins: what a heatmap over time is drawn from.

CREATE TABLE IF NOT EXISTS order_book_depth (
    instrument_id integer NOT NULL,
    ts timestamptz NOT NULL,
    update_id bigint NOT NULL,
    known_at timestamptz NOT NULL,
    mid double precision NOT NULL CHECK (mid > 0),
    bin_bps double precision NOT NULL CHECK (bin_bps > 0),
    mid_bin integer NOT NULL,
    bid_sizes real [] NOT NULL,
    ask_sizes real [] NOT NULL,
    known_from double precision,
    known_to double precision,
    unit text NOT NULL CHECK (unit IN ('base', 'contracts')),
    logic_version integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, ts, update_id)
);
COMMENT ON TABLE order_book_depth IS 'What rested in a proven order book by bins of price around mid, at set intervals. Bin i holds prices from r^i to below r^(i+1), r = 1 + bin_bps / 10,000, at every moment and venue alike. A book that is not synced has no row, a state is told once, and a bin beyond what the venue told is not there: unknown is not zero.';
COMMENT ON COLUMN order_book_depth.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN order_book_depth.ts IS 'When this was the state of the book, by the venue''s clock.';
COMMENT ON COLUMN order_book_depth.update_id IS 'The venue''s id of the last update in it, as in order_book_snapshots.';
COMMENT ON COLUMN order_book_depth.known_at IS 'When that update reached us, by our clock.';
COMMENT ON COLUMN order_book_depth.mid IS '(best bid + best ask) / 2, in quote units.';
COMMENT ON COLUMN order_book_depth.bin_bps IS 'Width of a bin, in basis points of its lowest price. Bins of another width are another grid.';
COMMENT ON COLUMN order_book_depth.mid_bin IS 'Number of the bin that mid lies in: floor(ln(mid) / ln(1 + bin_bps / 10,000)).';
COMMENT ON COLUMN order_book_depth.bid_sizes IS 'Size of the bids in each bin, from that of mid downwards: element n is bin mid_bin - n + 1. In unit. It ends where nothing more is known, or where the reach of the setting ends; within it 0 is empty.';
COMMENT ON COLUMN order_book_depth.ask_sizes IS 'Size of the asks in each bin, from that of mid upwards: element n is bin mid_bin + n - 1. In unit. It ends as bid_sizes does.';
COMMENT ON COLUMN order_book_depth.known_from IS 'Lowest bid price up to which the book was known; null where all of it was.';
COMMENT ON COLUMN order_book_depth.known_to IS 'Highest ask price up to which the book was known; null where all of it was.';
COMMENT ON COLUMN order_book_depth.unit IS 'What sizes are in: base (units of the base asset), or contracts where nobody told what a contract is worth.';
COMMENT ON COLUMN order_book_depth.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN order_book_depth.created_at IS 'When the row was made.';

CALL keep_in_chunks('order_book_depth', '1 day', 'instrument_id', 'ts', '2 days', '14 days');

DO $retention$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        CREATE INDEX IF NOT EXISTS order_book_depth_by_time ON order_book_depth USING brin (ts);
    END IF;
END $retention$;
