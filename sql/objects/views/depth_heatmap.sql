CREATE OR REPLACE VIEW depth_heatmap AS
SELECT i.venue, i.symbol, d.ts, c.side, c.bin, exp(c.bin * w.width) AS price_low,
    exp((c.bin + 1) * w.width) AS price_high, c.size::double precision AS size,
    CASE WHEN d.unit = 'base' THEN c.size * exp((c.bin + 0.5::double precision) * w.width) END AS notional,
    d.mid, d.unit, d.bin_bps, d.known_at, d.update_id, d.logic_version, d.instrument_id
FROM order_book_depth AS d
JOIN instruments AS i USING (instrument_id)
CROSS JOIN LATERAL (SELECT ln(1 + d.bin_bps / 10000) AS width) AS w
CROSS JOIN LATERAL (
    SELECT 'bid' AS side, d.mid_bin - b.place::integer + 1 AS bin, b.size
    FROM unnest(d.bid_sizes) WITH ORDINALITY AS b (size, place)
    UNION ALL
    SELECT 'ask', d.mid_bin + a.place::integer - 1, a.size
    FROM unnest(d.ask_sizes) WITH ORDINALITY AS a (size, place)
) AS c;
COMMENT ON VIEW depth_heatmap IS 'What rested in proven books, one row a bin of price, side and moment. A bin that is not there is unknown, one of size 0 is empty. Ask for one symbol and a short window: an hour is 144,000 rows.';
COMMENT ON COLUMN depth_heatmap.venue IS 'Venue.';
COMMENT ON COLUMN depth_heatmap.symbol IS 'Unified symbol.';
COMMENT ON COLUMN depth_heatmap.ts IS 'When this was the state of the book, by the venue''s clock.';
COMMENT ON COLUMN depth_heatmap.side IS 'bid or ask.';
COMMENT ON COLUMN depth_heatmap.bin IS 'Number of the bin: the same prices at every moment and venue, as long as bin_bps is the same.';
COMMENT ON COLUMN depth_heatmap.price_low IS 'Lowest price of the bin, in quote units.';
COMMENT ON COLUMN depth_heatmap.price_high IS 'Price at which the next bin begins, in quote units.';
COMMENT ON COLUMN depth_heatmap.size IS 'What rested in it, in unit.';
COMMENT ON COLUMN depth_heatmap.notional IS 'The same in quote units, at the middle of the bin: right to half its width. Null where sizes are contracts of unknown worth.';
COMMENT ON COLUMN depth_heatmap.mid IS '(best bid + best ask) / 2 of the book, in quote units.';
COMMENT ON COLUMN depth_heatmap.unit IS 'What sizes are in: base (units of the base asset), or contracts.';
COMMENT ON COLUMN depth_heatmap.bin_bps IS 'Width of a bin, in basis points.';
COMMENT ON COLUMN depth_heatmap.known_at IS 'When the state reached us, by our clock.';
COMMENT ON COLUMN depth_heatmap.update_id IS 'The venue''s id of the last update in it.';
COMMENT ON COLUMN depth_heatmap.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN depth_heatmap.instrument_id IS 'Key of the instrument, for joins.';
