CREATE OR REPLACE VIEW funding_rates AS
SELECT
    i.venue, i.symbol, v.ts, v.settled_at_original, v.rate, v.interval_hours, v.mark_price, v.rate_floor,
    v.rate_cap, v.rate * 8760 / nullif(v.interval_hours, 0) AS rate_annualised, i.settle, v.known_at,
    v.source, v.received_at, v.instrument_id
FROM funding_settlements AS v
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW funding_rates IS 'Funding that was settled, by venue and symbol.';
COMMENT ON COLUMN funding_rates.venue IS 'Venue.';
COMMENT ON COLUMN funding_rates.symbol IS 'Unified symbol.';
COMMENT ON COLUMN funding_rates.ts IS 'The settlement, rounded to the minute: venues'' times jitter by milliseconds.';
COMMENT ON COLUMN funding_rates.settled_at_original IS 'The settlement as the venue told it, to the millisecond.';
COMMENT ON COLUMN funding_rates.rate IS 'Rate that was paid, as a part of the position''s value (0.0001: 1 basis point); above 0: longs pay shorts.';
COMMENT ON COLUMN funding_rates.interval_hours IS 'Hours that the rate is for. Differs by symbol and changes: 8, 4, 1 ... Null where neither the venue told it nor a settlement shortly before shows it.';
COMMENT ON COLUMN funding_rates.mark_price IS 'Mark price at the settlement, in quote units. Null where the venue does not tell it.';
COMMENT ON COLUMN funding_rates.rate_floor IS 'Lowest rate that is believed: the venue''s floor, else -0.05 (ours).';
COMMENT ON COLUMN funding_rates.rate_cap IS 'Highest rate that is believed: the venue''s cap, else 0.05 (ours).';
COMMENT ON COLUMN funding_rates.rate_annualised IS 'The rate of a year if every settlement were like this one: rate x 8760 / interval_hours, not compounded. Null where the interval is not known.';
COMMENT ON COLUMN funding_rates.settle IS 'Currency that it is paid in.';
COMMENT ON COLUMN funding_rates.known_at IS 'When these values could first be known to us: when the answer came; of rows fetched later, when the venue had published them. A row told again unchanged keeps it.';
COMMENT ON COLUMN funding_rates.source IS 'How the row came: rest, archive, file or stream.';
COMMENT ON COLUMN funding_rates.received_at IS 'When it reached us, by our clock.';
COMMENT ON COLUMN funding_rates.instrument_id IS 'Key of the instrument, for joins.';
