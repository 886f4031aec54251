CREATE OR REPLACE VIEW pattern_outcomes AS
SELECT i.venue, i.symbol, t.timeframe,
    v.ts, v.family, v.pattern, v.direction, v.regime, v.horizon, v.entry, v.atr, v.return_pct, v.return_atr,
    v.directed_pct, v.directed_atr, v.favourable_pct, v.favourable_atr, v.adverse_pct, v.adverse_atr,
    v.target_atr, v.invalidation_atr, v.first_touch, v.touch_bars, v.ambiguous, v.confirmed_at, v.known_at,
    v.logic_version, v.created_at,
    nullif(v.reference, '') AS reference, v.instrument_id, v.timeframe_id
FROM pattern_outcome_events AS v
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
WHERE v.logic_version > 0 AND NOT EXISTS (
    -- where a newer version looked, what it did not find is none
    SELECT FROM derived_windows AS n
    WHERE n.dataset = 'pattern_outcomes' AND n.instrument_id = v.instrument_id AND n.timeframe_id = v.timeframe_id
        AND n.logic_version > v.logic_version AND n.windows @> v.ts
);
COMMENT ON VIEW pattern_outcomes IS 'What price did after each confirmed pattern: a row per horizon that is over, in the newest version that looked there.';
COMMENT ON COLUMN pattern_outcomes.venue IS 'Venue.';
COMMENT ON COLUMN pattern_outcomes.symbol IS 'Unified symbol.';
COMMENT ON COLUMN pattern_outcomes.timeframe IS 'Length of the bars.';
COMMENT ON COLUMN pattern_outcomes.ts IS 'Open time of the bar at which the pattern was confirmed.';
COMMENT ON COLUMN pattern_outcomes.family IS 'candlestick, chart or volume.';
COMMENT ON COLUMN pattern_outcomes.pattern IS 'Name of the pattern within its family.';
COMMENT ON COLUMN pattern_outcomes.direction IS 'bullish, bearish or neutral.';
COMMENT ON COLUMN pattern_outcomes.regime IS 'Trend at the confirmation (market_regimes.trend): up, down or range; null where not told.';
COMMENT ON COLUMN pattern_outcomes.horizon IS 'Bars after that bar, as they are: over missing ones it takes longer.';
COMMENT ON COLUMN pattern_outcomes.entry IS 'Close of the bar of the confirmation, in quote units.';
COMMENT ON COLUMN pattern_outcomes.atr IS 'ATR 14 of that bar, in quote units; null in the warm-up and where nothing moved.';
COMMENT ON COLUMN pattern_outcomes.return_pct IS 'Return from entry to the close at the horizon, in per cent.';
COMMENT ON COLUMN pattern_outcomes.return_atr IS 'The same in ATR.';
COMMENT ON COLUMN pattern_outcomes.directed_pct IS 'The return the pattern''s way, in per cent; null of neutral patterns.';
COMMENT ON COLUMN pattern_outcomes.directed_atr IS 'The same in ATR.';
COMMENT ON COLUMN pattern_outcomes.favourable_pct IS 'Farthest the pattern''s way within the horizon, in per cent, 0 or more; null of neutral patterns.';
COMMENT ON COLUMN pattern_outcomes.favourable_atr IS 'The same in ATR.';
COMMENT ON COLUMN pattern_outcomes.adverse_pct IS 'Farthest against the pattern within the horizon, in per cent, 0 or more; null of neutral patterns.';
COMMENT ON COLUMN pattern_outcomes.adverse_atr IS 'The same in ATR.';
COMMENT ON COLUMN pattern_outcomes.target_atr IS 'Distance of the target from the entry, in ATR; null where the pattern has no target and invalidation on their sides of it.';
COMMENT ON COLUMN pattern_outcomes.invalidation_atr IS 'Distance of the invalidation from the entry, in ATR; null likewise.';
COMMENT ON COLUMN pattern_outcomes.first_touch IS 'What a high or low touched first within the horizon: target, invalidation or neither; null without such levels.';
COMMENT ON COLUMN pattern_outcomes.touch_bars IS 'Bars until then; null where neither was touched.';
COMMENT ON COLUMN pattern_outcomes.ambiguous IS 'Whether one bar touched both: the invalidation then counts as first.';
COMMENT ON COLUMN pattern_outcomes.confirmed_at IS 'When the pattern was known: the close of its bar.';
COMMENT ON COLUMN pattern_outcomes.known_at IS 'When it could first be known: the close of the bar that many bars later. No row exists before.';
COMMENT ON COLUMN pattern_outcomes.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN pattern_outcomes.created_at IS 'When the present values were made.';
COMMENT ON COLUMN pattern_outcomes.reference IS 'The pattern''s id where it has a life (chart_pattern_events.pattern_id); null of the others.';
COMMENT ON COLUMN pattern_outcomes.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN pattern_outcomes.timeframe_id IS 'Key of the timeframe, for joins.';
