CREATE OR REPLACE VIEW mark_prices AS
SELECT
    i.venue, i.symbol, v.ts, v.mark_price, v.index_price, v.last_price, v.funding_rate, v.next_funding_at,
    v.interval_hours, v.funding_floor, v.funding_cap, v.mark_price / nullif(v.index_price, 0) - 1 AS basis,
    v.funding_rate * 8760 / nullif(v.interval_hours, 0) AS rate_annualised, v.known_at, v.source,
    v.received_at, v.instrument_id
FROM mark_price_readings AS v
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW mark_prices IS 'Mark, index and last prices and the funding due next, by venue and symbol.';
COMMENT ON COLUMN mark_prices.venue IS 'Venue.';
COMMENT ON COLUMN mark_prices.symbol IS 'Unified symbol.';
COMMENT ON COLUMN mark_prices.ts IS 'The instant it was so, by the venue''s clock.';
COMMENT ON COLUMN mark_prices.mark_price IS 'Price that positions are valued and liquidated by, in quote units.';
COMMENT ON COLUMN mark_prices.index_price IS 'Price of the spot markets behind it, in quote units. Null where the venue does not tell it.';
COMMENT ON COLUMN mark_prices.last_price IS 'Price of the last trade, in quote units. Null where the venue does not tell it here.';
COMMENT ON COLUMN mark_prices.funding_rate IS 'Funding that would be paid if it were settled now, as a part of the position''s value: a forecast until next_funding_at. Null where there is none.';
COMMENT ON COLUMN mark_prices.next_funding_at IS 'When funding is settled next. Null where there is none.';
COMMENT ON COLUMN mark_prices.interval_hours IS 'Hours between settlements, as told then. Null where it was not known.';
COMMENT ON COLUMN mark_prices.funding_floor IS 'Lowest rate that is believed: the venue''s floor, else -0.05 (ours).';
COMMENT ON COLUMN mark_prices.funding_cap IS 'Highest rate that is believed: the venue''s cap, else 0.05 (ours).';
COMMENT ON COLUMN mark_prices.basis IS 'How far mark is above index, as a part of it. Null where there is no index.';
COMMENT ON COLUMN mark_prices.rate_annualised IS 'The rate of a year if every settlement were like the next one is forecast: funding_rate x 8760 / interval_hours, not compounded.';
COMMENT ON COLUMN mark_prices.known_at IS 'When these values could first be known to us: when the answer came; of rows fetched later, when the venue had published them. A row told again unchanged keeps it.';
COMMENT ON COLUMN mark_prices.source IS 'How the row came: rest, archive, file or stream.';
COMMENT ON COLUMN mark_prices.received_at IS 'When it reached us, by our clock.';
COMMENT ON COLUMN mark_prices.instrument_id IS 'Key of the instrument, for joins.';
