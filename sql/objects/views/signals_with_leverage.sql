CREATE OR REPLACE VIEW signals_with_leverage AS
SELECT
    s.venue, s.symbol, s.timeframe, s.ts, s.known_at, s.signal, s.score, s.confidence, s.entry, s.stop,
    s.target, s.expires_at, s.instrument_id, l.perpetual_venue, l.perpetual, l.leverage_at,
    l.funding_annual, l.funding_percentile, l.funding_state, l.crowding_percentile,
    l.open_interest_change_24h, l.price_change_24h, l.quadrant
FROM signals AS s
LEFT JOIN LATERAL leverage_of(s.instrument_id, s.known_at) AS l ON true;
COMMENT ON VIEW signals_with_leverage IS 'Signals beside the leverage known at the last whole hour before; null where none was. It takes no part in score or confidence.';
COMMENT ON COLUMN signals_with_leverage.venue IS 'Venue.';
COMMENT ON COLUMN signals_with_leverage.symbol IS 'Unified symbol.';
COMMENT ON COLUMN signals_with_leverage.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN signals_with_leverage.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN signals_with_leverage.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN signals_with_leverage.signal IS 'strong_buy, buy, weak_buy, neutral, weak_sell, sell or strong_sell.';
COMMENT ON COLUMN signals_with_leverage.score IS 'net times confidence, -100 to 100; below 0 sells.';
COMMENT ON COLUMN signals_with_leverage.confidence IS 'Mean confidence of the winning patterns, 0 to 100; null where no side wins.';
COMMENT ON COLUMN signals_with_leverage.entry IS 'Close of the bar, in quote units.';
COMMENT ON COLUMN signals_with_leverage.stop IS 'Price at which it is wrong; null of neutral signals.';
COMMENT ON COLUMN signals_with_leverage.target IS 'Price it aims at; null of neutral signals.';
COMMENT ON COLUMN signals_with_leverage.expires_at IS 'When it is over; null of neutral signals.';
COMMENT ON COLUMN signals_with_leverage.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN signals_with_leverage.perpetual_venue IS 'Venue of the perpetual whose leverage it is: itself, else the one of the same base with the most open interest.';
COMMENT ON COLUMN signals_with_leverage.perpetual IS 'Its symbol; null where no leverage was known.';
COMMENT ON COLUMN signals_with_leverage.leverage_at IS 'Hour of the leverage: the last whole one before.';
COMMENT ON COLUMN signals_with_leverage.funding_annual IS 'Funding by the year; a share.';
COMMENT ON COLUMN signals_with_leverage.funding_percentile IS 'Its mid-rank among the hours of the last 90 days, 0 to 1.';
COMMENT ON COLUMN signals_with_leverage.funding_state IS 'high from the 95th percentile, low up to the 5th, else usual; null where not known.';
COMMENT ON COLUMN signals_with_leverage.crowding_percentile IS 'Crowding, 0 to 1.';
COMMENT ON COLUMN signals_with_leverage.open_interest_change_24h IS 'Open interest in base units against 24 hours before; a share.';
COMMENT ON COLUMN signals_with_leverage.price_change_24h IS 'Price of the perpetual against 24 hours before; a share.';
COMMENT ON COLUMN signals_with_leverage.quadrant IS 'Price and open interest over 24 hours (leverage_snapshots).';
