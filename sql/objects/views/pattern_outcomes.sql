CREATE OR REPLACE VIEW pattern_outcomes AS
SELECT i.venue, i.symbol, t.timeframe, v.ts, k.family, k.pattern,
    CASE v.sign WHEN 1 THEN 'bullish' WHEN -1 THEN 'bearish' ELSE 'neutral' END AS direction,
    CASE v.regime_sign WHEN 1 THEN 'up' WHEN -1 THEN 'down' WHEN 0 THEN 'range' END AS regime,
    h.horizon, v.entry, v.atr::double precision AS atr, h.moved AS return_pct,
    (h.moved / 100 * v.entry / v.atr)::real AS return_atr,
    CASE WHEN v.sign <> 0 THEN v.sign * h.moved END::real AS directed_pct,
    CASE WHEN v.sign <> 0 THEN v.sign * h.moved / 100 * v.entry / v.atr END::real AS directed_atr,
    h.favourable AS favourable_pct, (h.favourable / 100 * v.entry / v.atr)::real AS favourable_atr,
    h.adverse AS adverse_pct, (h.adverse / 100 * v.entry / v.atr)::real AS adverse_atr,
    (v.target_pct / 100 * v.entry / v.atr)::real AS target_atr,
    (v.invalidation_pct / 100 * v.entry / v.atr)::real AS invalidation_atr,
    CASE WHEN v.touch_bars <= h.horizon THEN CASE v.touch WHEN 1 THEN 'target' ELSE 'invalidation' END
        WHEN v.has_levels THEN 'neither' END AS first_touch,
    CASE WHEN v.touch_bars <= h.horizon THEN v.touch_bars END AS touch_bars,
    CASE WHEN v.has_levels THEN coalesce(v.ambiguous AND v.touch_bars <= h.horizon, false) END AS ambiguous,
    v.ts + v.timeframe_id * INTERVAL '1 minute' AS confirmed_at,
    v.ts + v.timeframe_id * (1 + h.horizon + coalesce(h.late, 0)) * INTERVAL '1 minute' AS known_at,
    v.logic_version, v.created_at, nullif(v.reference, '') AS reference, v.instrument_id, v.timeframe_id
FROM pattern_outcome_events AS v
JOIN pattern_kinds AS k USING (kind_id)
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
CROSS JOIN LATERAL (VALUES
    (1::smallint, v.return_1, v.favourable_1, v.adverse_1, v.late[1]),
    (3::smallint, v.return_3, v.favourable_3, v.adverse_3, v.late[2]),
    (5::smallint, v.return_5, v.favourable_5, v.adverse_5, v.late[3]),
    (10::smallint, v.return_10, v.favourable_10, v.adverse_10, v.late[4]),
    (20::smallint, v.return_20, v.favourable_20, v.adverse_20, v.late[5]),
    (50::smallint, v.return_50, v.favourable_50, v.adverse_50, v.late[6])
) AS h (horizon, moved, favourable, adverse, late)
WHERE h.moved IS NOT NULL AND v.logic_version > 0 AND NOT EXISTS (
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
