CREATE OR REPLACE VIEW liquidity_now AS
SELECT i.venue, i.symbol, z.ts, extract(epoch FROM now() - z.known_at)::double precision AS seconds_old,
    z.side, z.price, z.low, z.high, z.notional, z.strength, z.distance_bps, z.since, z.age_seconds, z.touches,
    z.known_to, z.known_at, z.logic_version, z.instrument_id
FROM instruments AS i
CROSS JOIN LATERAL (
    SELECT n.ts FROM liquidity_zones AS n WHERE n.instrument_id = i.instrument_id ORDER BY n.ts DESC LIMIT 1
) AS newest
JOIN liquidity_zones AS z ON z.instrument_id = i.instrument_id AND z.ts = newest.ts;
COMMENT ON VIEW liquidity_now IS 'The liquidity zones of each book''s newest reading that found any. See seconds_old: a book that is not synced is not read.';
COMMENT ON COLUMN liquidity_now.venue IS 'Venue.';
COMMENT ON COLUMN liquidity_now.symbol IS 'Unified symbol.';
COMMENT ON COLUMN liquidity_now.ts IS 'When it was read, by the venue''s clock.';
COMMENT ON COLUMN liquidity_now.seconds_old IS 'Seconds since it was known.';
COMMENT ON COLUMN liquidity_now.side IS 'support (bids below mid) or resistance (asks above).';
COMMENT ON COLUMN liquidity_now.price IS 'Price at the zone''s peak, in quote units.';
COMMENT ON COLUMN liquidity_now.low IS 'Lower end of the zone, in quote units.';
COMMENT ON COLUMN liquidity_now.high IS 'Upper end of the zone, in quote units.';
COMMENT ON COLUMN liquidity_now.notional IS 'Mean resting notional in the zone, the past fading, in quote units.';
COMMENT ON COLUMN liquidity_now.strength IS 'How far the peak stands out (prominence), in average cells of its side.';
COMMENT ON COLUMN liquidity_now.distance_bps IS 'Distance of the peak from mid, in basis points.';
COMMENT ON COLUMN liquidity_now.since IS 'When this zone was first seen, by the venue''s clock.';
COMMENT ON COLUMN liquidity_now.age_seconds IS 'Seconds from since to ts.';
COMMENT ON COLUMN liquidity_now.touches IS 'How often mid came into it.';
COMMENT ON COLUMN liquidity_now.known_to IS 'Price up to which this side of the book was known; null, or 0, where all of it was.';
COMMENT ON COLUMN liquidity_now.known_at IS 'When it was known, by our clock.';
COMMENT ON COLUMN liquidity_now.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN liquidity_now.instrument_id IS 'Key of the instrument, for joins.';
