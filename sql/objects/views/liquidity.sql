CREATE OR REPLACE VIEW liquidity AS
SELECT i.venue, i.symbol, z.ts, z.side, z.price, z.low, z.high, z.notional, z.strength, z.distance_bps, z.since,
    z.age_seconds, z.touches, z.known_to, z.known_at, z.logic_version, z.instrument_id
FROM liquidity_zones AS z
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW liquidity IS 'Liquidity zones at every reading: where much has been resting. A zone that goes on keeps its since; zones first seen together share it.';
COMMENT ON COLUMN liquidity.venue IS 'Venue.';
COMMENT ON COLUMN liquidity.symbol IS 'Unified symbol.';
COMMENT ON COLUMN liquidity.ts IS 'When it was read, by the venue''s clock.';
COMMENT ON COLUMN liquidity.side IS 'support (bids below mid) or resistance (asks above).';
COMMENT ON COLUMN liquidity.price IS 'Price at the zone''s peak, in quote units.';
COMMENT ON COLUMN liquidity.low IS 'Lower end of the zone, in quote units.';
COMMENT ON COLUMN liquidity.high IS 'Upper end of the zone, in quote units.';
COMMENT ON COLUMN liquidity.notional IS 'Mean resting notional in the zone, the past fading, in quote units.';
COMMENT ON COLUMN liquidity.strength IS 'How far the peak stands out (prominence), in average cells of its side.';
COMMENT ON COLUMN liquidity.distance_bps IS 'Distance of the peak from mid, in basis points.';
COMMENT ON COLUMN liquidity.since IS 'When this zone was first seen, by the venue''s clock.';
COMMENT ON COLUMN liquidity.age_seconds IS 'Seconds from since to ts.';
COMMENT ON COLUMN liquidity.touches IS 'How often mid came into it.';
COMMENT ON COLUMN liquidity.known_to IS 'Price up to which this side of the book was known; null, or 0, where all of it was.';
COMMENT ON COLUMN liquidity.known_at IS 'When it was known, by our clock.';
COMMENT ON COLUMN liquidity.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN liquidity.instrument_id IS 'Key of the instrument, for joins.';
