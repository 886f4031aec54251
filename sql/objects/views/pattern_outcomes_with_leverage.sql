CREATE OR REPLACE VIEW pattern_outcomes_with_leverage AS
SELECT
    s.venue, s.symbol, s.timeframe, s.ts, s.family, s.pattern, s.direction, s.regime, s.horizon,
    s.return_pct, s.return_atr, s.directed_pct, s.directed_atr, s.first_touch, s.confirmed_at, s.known_at,
    s.logic_version, s.instrument_id, l.perpetual_venue, l.perpetual, l.leverage_at, l.funding_annual,
    l.funding_percentile, l.funding_state, l.crowding_percentile, l.open_interest_change_24h,
    l.price_change_24h, l.quadrant
FROM pattern_outcomes AS s
LEFT JOIN LATERAL leverage_of(s.instrument_id, s.confirmed_at) AS l ON true;
COMMENT ON VIEW pattern_outcomes_with_leverage IS 'What price did after each confirmed pattern, beside the leverage known when it was confirmed: at the last whole hour before; null where none was.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.venue IS 'Venue.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.symbol IS 'Unified symbol.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.timeframe IS 'Length of the bars.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.ts IS 'Open time of the bar at which the pattern was confirmed.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.family IS 'candlestick, chart or volume.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.pattern IS 'Name of the pattern within its family.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.direction IS 'bullish, bearish or neutral.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.regime IS 'Trend at the confirmation: up, down or range; null where not told.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.horizon IS 'Bars after that bar, as they are.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.return_pct IS 'Return from entry to the close at the horizon, in per cent.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.return_atr IS 'The same in ATR.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.directed_pct IS 'The return the pattern''s way, in per cent; null of neutral patterns.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.directed_atr IS 'The same in ATR.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.first_touch IS 'What was touched first within the horizon: target, invalidation or neither; null without such levels.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.confirmed_at IS 'When the pattern was known: the close of its bar.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.known_at IS 'When the outcome could first be known.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.perpetual_venue IS 'Venue of the perpetual whose leverage it is: itself, else the one of the same base with the most open interest.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.perpetual IS 'Its symbol; null where no leverage was known.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.leverage_at IS 'Hour of the leverage: the last whole one before.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.funding_annual IS 'Funding by the year; a share.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.funding_percentile IS 'Its mid-rank among the hours of the last 90 days, 0 to 1.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.funding_state IS 'high from the 95th percentile, low up to the 5th, else usual; null where not known.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.crowding_percentile IS 'Crowding, 0 to 1.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.open_interest_change_24h IS 'Open interest in base units against 24 hours before; a share.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.price_change_24h IS 'Price of the perpetual against 24 hours before; a share.';
COMMENT ON COLUMN pattern_outcomes_with_leverage.quadrant IS 'Price and open interest over 24 hours (leverage_snapshots).';
