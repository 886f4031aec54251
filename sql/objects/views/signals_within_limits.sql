CREATE OR REPLACE VIEW signals_within_limits AS
SELECT
    s.venue, s.symbol, s.timeframe, s.ts, s.known_at, s.signal, s.entry, s.stop, s.target, s.size AS size_wanted,
    w.size, w.size * s.entry AS notional, w.size * abs(s.entry - s.stop) AS risk, l.limited_by, r.version AS limits_version,
    s.expires_at, s.configuration_version, s.logic_version, s.instrument_id
FROM signals AS s
JOIN timeframes AS t USING (timeframe)
LEFT JOIN LATERAL (
    SELECT n.version FROM risk_limits AS n WHERE n.known_at <= s.known_at ORDER BY n.known_at DESC, n.version DESC LIMIT 1
) AS r ON true
LEFT JOIN LATERAL (
    SELECT n.size_allowed, n.limited_by FROM signal_limits AS n
    WHERE n.instrument_id = s.instrument_id AND n.timeframe_id = t.timeframe_id AND n.ts = s.ts
        AND n.logic_version = s.logic_version AND n.configuration_version = s.configuration_version
        AND n.limits_version = r.version
    ORDER BY n.rules_version DESC LIMIT 1
) AS l ON true
CROSS JOIN LATERAL (SELECT CASE WHEN r.version IS NULL THEN s.size ELSE l.size_allowed END AS size) AS w
WHERE s.signal <> 'neutral' AND s.size IS NOT NULL;
COMMENT ON VIEW signals_within_limits IS 'Signals with the size that the limits leave, by what was held and known when the signal was. Without limits the size is the signal''s own.';
COMMENT ON COLUMN signals_within_limits.venue IS 'Venue.';
COMMENT ON COLUMN signals_within_limits.symbol IS 'Unified symbol.';
COMMENT ON COLUMN signals_within_limits.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN signals_within_limits.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN signals_within_limits.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN signals_within_limits.signal IS 'strong_buy, buy, weak_buy, weak_sell, sell or strong_sell.';
COMMENT ON COLUMN signals_within_limits.entry IS 'Close of the bar, in quote units.';
COMMENT ON COLUMN signals_within_limits.stop IS 'Price at which it is wrong.';
COMMENT ON COLUMN signals_within_limits.target IS 'Price it aims at.';
COMMENT ON COLUMN signals_within_limits.size_wanted IS 'Size of the signal before limits, in base units.';
COMMENT ON COLUMN signals_within_limits.size IS 'Size within the limits, in base units; never more than size_wanted. Null where limits go but were not applied yet.';
COMMENT ON COLUMN signals_within_limits.notional IS 'What that is worth at the entry, in quote units.';
COMMENT ON COLUMN signals_within_limits.risk IS 'What is lost at the stop, in quote units, before fees and slippage.';
COMMENT ON COLUMN signals_within_limits.limited_by IS 'Limit that made it smaller: max_symbol, max_leverage, max_value_at_risk, max_correlated, not_in_dollars or no_equity; null: none.';
COMMENT ON COLUMN signals_within_limits.limits_version IS 'Limits that were applied (risk_limits); null: none went.';
COMMENT ON COLUMN signals_within_limits.expires_at IS 'When it is over.';
COMMENT ON COLUMN signals_within_limits.configuration_version IS 'Weights and thresholds by which it was made (pattern_configurations).';
COMMENT ON COLUMN signals_within_limits.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN signals_within_limits.instrument_id IS 'Key of the instrument, for joins.';
