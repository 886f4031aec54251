CREATE OR REPLACE VIEW open_interest AS
SELECT
    i.venue, i.symbol, v.ts, v.contracts, v.base_amount, v.quote_value, v.settle_value, v.price,
    v.not_converted, i.contract_kind, i.contract_size, v.known_at, v.source, v.received_at, v.instrument_id
FROM open_interest_readings AS v
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW open_interest IS 'Contracts open at instants, by venue and symbol, with what they are worth in base, quote and settlement units.';
COMMENT ON COLUMN open_interest.venue IS 'Venue.';
COMMENT ON COLUMN open_interest.symbol IS 'Unified symbol.';
COMMENT ON COLUMN open_interest.ts IS 'The instant it was so, by the venue''s clock; of the venue''s own history, the time that the venue gives.';
COMMENT ON COLUMN open_interest.contracts IS 'Open contracts, one side counted, as the venue counts them: instruments.contract_size says how much one is. Where a venue tells an amount of the base alone, a contract is one of the base.';
COMMENT ON COLUMN open_interest.base_amount IS 'The same in base units. Null where it cannot be converted: see not_converted.';
COMMENT ON COLUMN open_interest.quote_value IS 'The same in quote units (of inverse contracts USD). Null where it cannot be converted: see not_converted.';
COMMENT ON COLUMN open_interest.settle_value IS 'The same in units of the currency that it settles in: the quote''s for linear, the base''s for inverse, neither for quanto contracts. Null where it cannot be converted.';
COMMENT ON COLUMN open_interest.price IS 'Mark price, in quote units, by which it was converted. Null where the venue told the values itself, or there was none.';
COMMENT ON COLUMN open_interest.not_converted IS 'Why an amount or value is null: no contract size, no price, quanto. Null where nothing is.';
COMMENT ON COLUMN open_interest.contract_kind IS 'linear: settled in the quote; inverse: settled in the base; quanto: settled in neither. Null until the venue was asked.';
COMMENT ON COLUMN open_interest.contract_size IS 'How much one contract is: of linear ones in base units, of inverse ones in quote units, of quanto ones in the settlement currency for each unit of price.';
COMMENT ON COLUMN open_interest.known_at IS 'When these values could first be known to us: when the answer came; of rows fetched later, when the venue had published them. A row told again unchanged keeps it.';
COMMENT ON COLUMN open_interest.source IS 'How the row came: rest, archive, file or stream.';
COMMENT ON COLUMN open_interest.received_at IS 'When it reached us, by our clock.';
COMMENT ON COLUMN open_interest.instrument_id IS 'Key of the instrument, for joins.';
