CREATE OR REPLACE VIEW futures_now AS
SELECT
    i.venue, i.symbol, i.contract_kind, l.open_interest_at, l.contracts, l.base_amount, l.quote_value,
    l.settle_value, l.open_interest_known_at, l.priced_at, l.mark_price, l.index_price, l.last_price,
    l.funding_rate, l.next_funding_at, l.interval_hours, l.prices_known_at, l.settled_at, l.settled_rate,
    l.settled_interval_hours, l.settled_known_at, l.mark_price / nullif(l.index_price, 0) - 1 AS basis,
    l.funding_rate * 8760 / nullif(l.interval_hours, 0) AS rate_annualised,
    extract(epoch FROM now() - least(l.open_interest_known_at, l.prices_known_at))::double precision AS seconds_old,
    i.active, i.instrument_id
FROM futures_latest AS l
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW futures_now IS 'The newest open interest, prices and funding of each perpetual and future. See seconds_old: what is not collected any more stays as it was.';
COMMENT ON COLUMN futures_now.venue IS 'Venue.';
COMMENT ON COLUMN futures_now.symbol IS 'Unified symbol.';
COMMENT ON COLUMN futures_now.contract_kind IS 'linear: settled in the quote; inverse: in the base; quanto: in neither.';
COMMENT ON COLUMN futures_now.open_interest_at IS 'Instant of the newest open interest, by the venue''s clock.';
COMMENT ON COLUMN futures_now.contracts IS 'Open contracts, as the venue counts them.';
COMMENT ON COLUMN futures_now.base_amount IS 'The same in base units; null where it cannot be converted.';
COMMENT ON COLUMN futures_now.quote_value IS 'The same in quote units; null where it cannot be converted.';
COMMENT ON COLUMN futures_now.settle_value IS 'The same in units of the currency it settles in; null where it cannot be converted.';
COMMENT ON COLUMN futures_now.open_interest_known_at IS 'When that open interest could first be known to us.';
COMMENT ON COLUMN futures_now.priced_at IS 'Instant of the newest prices, by the venue''s clock.';
COMMENT ON COLUMN futures_now.mark_price IS 'Price that positions are valued by, in quote units.';
COMMENT ON COLUMN futures_now.index_price IS 'Price of the spot markets behind it, in quote units; null where the venue does not tell it.';
COMMENT ON COLUMN futures_now.last_price IS 'Price of the last trade, in quote units; null where the venue does not tell it here.';
COMMENT ON COLUMN futures_now.funding_rate IS 'Funding that would be paid if it were settled now, as a part of the position''s value.';
COMMENT ON COLUMN futures_now.next_funding_at IS 'When funding is settled next.';
COMMENT ON COLUMN futures_now.interval_hours IS 'Hours between settlements, as told then.';
COMMENT ON COLUMN futures_now.prices_known_at IS 'When those prices could first be known to us.';
COMMENT ON COLUMN futures_now.settled_at IS 'The newest settlement of funding.';
COMMENT ON COLUMN futures_now.settled_rate IS 'Rate that was paid then.';
COMMENT ON COLUMN futures_now.settled_interval_hours IS 'Hours that it was for.';
COMMENT ON COLUMN futures_now.settled_known_at IS 'When it could first be known to us.';
COMMENT ON COLUMN futures_now.basis IS 'How far mark is above index, as a part of it.';
COMMENT ON COLUMN futures_now.rate_annualised IS 'The rate of a year if every settlement were like the next one is forecast, not compounded.';
COMMENT ON COLUMN futures_now.seconds_old IS 'Seconds since the older of open interest and prices was known: what is not collected any more gets old.';
COMMENT ON COLUMN futures_now.active IS 'Whether the venue trades it now; null until the venue was asked.';
COMMENT ON COLUMN futures_now.instrument_id IS 'Key of the instrument, for joins.';
