-- What is told of patterns takes less room: an outcome is one row with its horizons beside each other instead of six, names
-- are numbers (pattern_kinds), shares and factors have seven digits, and what follows from the rest is left to the views,
-- which show what they showed. Stored rows are converted; what has no place in the new form stays in <table>_unconverted.
CREATE TABLE IF NOT EXISTS pattern_kinds (
    kind_id smallint PRIMARY KEY,
    family text NOT NULL,
    pattern text NOT NULL,
    shape text NOT NULL,
    UNIQUE (family, pattern)
);
COMMENT ON TABLE pattern_kinds IS 'The number of each pattern: what tables of many rows hold in the place of its family and name.';
COMMENT ON COLUMN pattern_kinds.kind_id IS 'Number; means the same for ever. From 10000 on: names that only rows of before have.';
COMMENT ON COLUMN pattern_kinds.family IS 'candlestick, chart or volume.';
COMMENT ON COLUMN pattern_kinds.pattern IS 'Name of the pattern within its family.';
COMMENT ON COLUMN pattern_kinds.shape IS 'What patterns with other names have in common with it: those of one bar, direction and shape are one piece of evidence.';
INSERT INTO pattern_kinds (kind_id, family, pattern, shape) VALUES
    (1, 'candlestick', 'abandoned_baby', 'star'),
    (2, 'candlestick', 'advance_block', 'row_of_bars'),
    (3, 'candlestick', 'belt_hold', 'big_bar'),
    (4, 'candlestick', 'breakaway', 'rest_in_a_trend'),
    (5, 'candlestick', 'closing_marubozu', 'big_bar'),
    (6, 'candlestick', 'concealing_baby_swallow', 'double_low'),
    (7, 'candlestick', 'counterattack', 'big_bar'),
    (8, 'candlestick', 'dark_cloud_cover', 'big_bar'),
    (9, 'candlestick', 'doji', 'indecision'),
    (10, 'candlestick', 'doji_star', 'star'),
    (11, 'candlestick', 'dragonfly_doji', 'indecision'),
    (12, 'candlestick', 'engulfing', 'big_bar'),
    (13, 'candlestick', 'evening_doji_star', 'star'),
    (14, 'candlestick', 'evening_star', 'star'),
    (15, 'candlestick', 'gap_side_by_side_white', 'rest_in_a_trend'),
    (16, 'candlestick', 'gap_three_methods', 'rest_in_a_trend'),
    (17, 'candlestick', 'gravestone_doji', 'indecision'),
    (18, 'candlestick', 'hammer', 'shadow'),
    (19, 'candlestick', 'hanging_man', 'shadow'),
    (20, 'candlestick', 'harami', 'inside'),
    (21, 'candlestick', 'harami_cross', 'inside'),
    (22, 'candlestick', 'high_wave', 'indecision'),
    (23, 'candlestick', 'hikkake', 'inside'),
    (24, 'candlestick', 'hikkake_modified', 'inside'),
    (25, 'candlestick', 'homing_pigeon', 'inside'),
    (26, 'candlestick', 'identical_three_crows', 'row_of_bars'),
    (27, 'candlestick', 'in_neck', 'rest_in_a_trend'),
    (28, 'candlestick', 'inverted_hammer', 'shadow'),
    (29, 'candlestick', 'kicking', 'big_bar'),
    (30, 'candlestick', 'kicking_by_length', 'big_bar'),
    (31, 'candlestick', 'ladder_bottom', 'row_of_bars'),
    (32, 'candlestick', 'long_legged_doji', 'indecision'),
    (33, 'candlestick', 'long_line', 'big_bar'),
    (34, 'candlestick', 'marubozu', 'big_bar'),
    (35, 'candlestick', 'mat_hold', 'rest_in_a_trend'),
    (36, 'candlestick', 'matching_low', 'double_low'),
    (37, 'candlestick', 'morning_doji_star', 'star'),
    (38, 'candlestick', 'morning_star', 'star'),
    (39, 'candlestick', 'on_neck', 'rest_in_a_trend'),
    (40, 'candlestick', 'piercing', 'big_bar'),
    (41, 'candlestick', 'rickshaw_man', 'indecision'),
    (42, 'candlestick', 'rising_falling_three_methods', 'rest_in_a_trend'),
    (43, 'candlestick', 'separating_lines', 'big_bar'),
    (44, 'candlestick', 'shooting_star', 'shadow'),
    (45, 'candlestick', 'short_line', 'indecision'),
    (46, 'candlestick', 'spinning_top', 'indecision'),
    (47, 'candlestick', 'stalled_pattern', 'row_of_bars'),
    (48, 'candlestick', 'stick_sandwich', 'double_low'),
    (49, 'candlestick', 'takuri', 'shadow'),
    (50, 'candlestick', 'tasuki_gap', 'rest_in_a_trend'),
    (51, 'candlestick', 'three_black_crows', 'row_of_bars'),
    (52, 'candlestick', 'three_inside', 'inside'),
    (53, 'candlestick', 'three_line_strike', 'row_of_bars'),
    (54, 'candlestick', 'three_outside', 'outside'),
    (55, 'candlestick', 'three_stars_in_the_south', 'row_of_bars'),
    (56, 'candlestick', 'three_white_soldiers', 'row_of_bars'),
    (57, 'candlestick', 'thrusting', 'rest_in_a_trend'),
    (58, 'candlestick', 'tristar', 'star'),
    (59, 'candlestick', 'two_crows', 'star'),
    (60, 'candlestick', 'unique_three_river', 'star'),
    (61, 'candlestick', 'upside_gap_two_crows', 'star'),
    (201, 'chart', 'head_and_shoulders', 'chart'),
    (202, 'chart', 'inverse_head_and_shoulders', 'chart'),
    (203, 'chart', 'double_top', 'chart'),
    (204, 'chart', 'double_bottom', 'chart'),
    (205, 'chart', 'triple_top', 'chart'),
    (206, 'chart', 'triple_bottom', 'chart'),
    (207, 'chart', 'ascending_triangle', 'chart'),
    (208, 'chart', 'descending_triangle', 'chart'),
    (209, 'chart', 'symmetrical_triangle', 'chart'),
    (210, 'chart', 'rectangle', 'chart'),
    (211, 'chart', 'ascending_channel', 'chart'),
    (212, 'chart', 'descending_channel', 'chart'),
    (213, 'chart', 'bull_flag', 'chart'),
    (214, 'chart', 'bear_flag', 'chart'),
    (215, 'chart', 'bull_pennant', 'chart'),
    (216, 'chart', 'bear_pennant', 'chart'),
    (217, 'chart', 'cup_and_handle', 'chart'),
    (218, 'chart', 'inverse_cup_and_handle', 'chart'),
    (219, 'chart', 'rising_wedge', 'chart'),
    (220, 'chart', 'falling_wedge', 'chart'),
    (301, 'volume', 'accumulation', 'volume_flow'),
    (302, 'volume', 'breakout', 'volume_breakout'),
    (303, 'volume', 'climax', 'volume_effort'),
    (304, 'volume', 'distribution', 'volume_flow'),
    (305, 'volume', 'divergence', 'volume_flow'),
    (306, 'volume', 'dry_up', 'volume_quiet'),
    (307, 'volume', 'exhaustion', 'volume_effort'),
    (308, 'volume', 'fake_out', 'volume_breakout'),
    (309, 'volume', 'spike', 'big_bar')
ON CONFLICT DO NOTHING;

-- rows of before may have names that no rule of now gives
INSERT INTO pattern_kinds (kind_id, family, pattern, shape)
SELECT greatest((SELECT max(kind_id) FROM pattern_kinds), 9999) + row_number() OVER (ORDER BY family, pattern), family, pattern,
    CASE family WHEN 'chart' THEN 'chart' ELSE pattern END
FROM (
    SELECT family, pattern FROM pattern_outcome_events
    UNION SELECT family, pattern FROM pattern_confidences
    UNION SELECT family, pattern FROM pattern_confluences
    UNION SELECT family, pattern FROM pattern_relationships
    UNION SELECT other_family, other_pattern FROM pattern_relationships
) AS used
WHERE NOT EXISTS (SELECT FROM pattern_kinds AS k WHERE k.family = used.family AND k.pattern = used.pattern);

-- outcomes: one row per pattern
ALTER TABLE pattern_outcome_events RENAME TO pattern_outcome_events_before;
ALTER INDEX pattern_outcome_events_pkey RENAME TO pattern_outcome_events_before_pkey;
CREATE TABLE pattern_outcome_events (
    ts timestamptz NOT NULL,
    entry double precision NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    instrument_id integer NOT NULL,
    logic_version integer NOT NULL,
    atr real,
    return_1 real,
    return_3 real,
    return_5 real,
    return_10 real,
    return_20 real,
    return_50 real,
    favourable_1 real,
    favourable_3 real,
    favourable_5 real,
    favourable_10 real,
    favourable_20 real,
    favourable_50 real,
    adverse_1 real,
    adverse_3 real,
    adverse_5 real,
    adverse_10 real,
    adverse_20 real,
    adverse_50 real,
    target_pct real,
    invalidation_pct real,
    timeframe_id smallint NOT NULL,
    kind_id smallint NOT NULL,
    sign smallint NOT NULL,
    regime_sign smallint,
    touch smallint,
    touch_bars smallint,
    has_levels boolean NOT NULL,
    ambiguous boolean,
    reference text NOT NULL,
    late integer[],
    PRIMARY KEY (instrument_id, timeframe_id, ts, kind_id, sign, logic_version, reference),
    CONSTRAINT touches_have_their_time CHECK ((touch IS NULL) = (touch_bars IS NULL))
);
COMMENT ON TABLE pattern_outcome_events IS 'What price did after each confirmed pattern, a row each: columns of a horizon are null until it is over and never change afterwards. The view pattern_outcomes has a row per horizon, in every unit, and shows the newest.';
COMMENT ON COLUMN pattern_outcome_events.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN pattern_outcome_events.timeframe_id IS 'Length of the bars (timeframes).';
COMMENT ON COLUMN pattern_outcome_events.ts IS 'Open time of the bar at which the pattern was confirmed; it was known at its close.';
COMMENT ON COLUMN pattern_outcome_events.kind_id IS 'Family and pattern (pattern_kinds).';
COMMENT ON COLUMN pattern_outcome_events.sign IS '1 bullish, -1 bearish, 0 neutral.';
COMMENT ON COLUMN pattern_outcome_events.reference IS 'The pattern''s id where it has a life (chart_pattern_events.pattern_id); '''' of the others, so that it can be part of the key.';
COMMENT ON COLUMN pattern_outcome_events.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN pattern_outcome_events.regime_sign IS 'Trend at the confirmation (market_regimes.trend): 1 up, -1 down, 0 range; null where not told.';
COMMENT ON COLUMN pattern_outcome_events.entry IS 'Close of the bar of the confirmation, in quote units.';
COMMENT ON COLUMN pattern_outcome_events.atr IS 'ATR 14 of that bar, in quote units; null in the warm-up and where nothing moved.';
COMMENT ON COLUMN pattern_outcome_events.has_levels IS 'Whether the pattern has a target and an invalidation on their sides of the entry.';
COMMENT ON COLUMN pattern_outcome_events.target_pct IS 'Distance of the target from the entry, in per cent; null without such levels.';
COMMENT ON COLUMN pattern_outcome_events.invalidation_pct IS 'Distance of the invalidation from the entry, in per cent; null without such levels.';
COMMENT ON COLUMN pattern_outcome_events.touch IS 'What a high or low touched first: 1 target, -1 invalidation; null as long as it was neither within the horizons that are over.';
COMMENT ON COLUMN pattern_outcome_events.touch_bars IS 'Bars until then: a horizon shorter than that touched neither.';
COMMENT ON COLUMN pattern_outcome_events.ambiguous IS 'Whether that bar touched both: the invalidation then counts as first.';
COMMENT ON COLUMN pattern_outcome_events.late IS 'Of the horizons 1, 3, 5, 10, 20, 50 in this order: bars missing before its end, null while it is not over; null as a whole where none is missing. A horizon was known at ts + (1 + horizon + late) bars.';
COMMENT ON COLUMN pattern_outcome_events.created_at IS 'When the present values were made.';
COMMENT ON COLUMN pattern_outcome_events.return_1 IS 'Return from entry to the close 1 bar later, in per cent; null until then.';
COMMENT ON COLUMN pattern_outcome_events.favourable_1 IS 'Farthest the pattern''s way within 1 bar, in per cent, 0 or more; null until then and of neutral patterns.';
COMMENT ON COLUMN pattern_outcome_events.adverse_1 IS 'Farthest against the pattern within 1 bar, in per cent, 0 or more; null until then and of neutral patterns.';
COMMENT ON COLUMN pattern_outcome_events.return_3 IS 'Return from entry to the close 3 bars later, in per cent; null until then.';
COMMENT ON COLUMN pattern_outcome_events.favourable_3 IS 'Farthest the pattern''s way within 3 bars, in per cent, 0 or more; null until then and of neutral patterns.';
COMMENT ON COLUMN pattern_outcome_events.adverse_3 IS 'Farthest against the pattern within 3 bars, in per cent, 0 or more; null until then and of neutral patterns.';
COMMENT ON COLUMN pattern_outcome_events.return_5 IS 'Return from entry to the close 5 bars later, in per cent; null until then.';
COMMENT ON COLUMN pattern_outcome_events.favourable_5 IS 'Farthest the pattern''s way within 5 bars, in per cent, 0 or more; null until then and of neutral patterns.';
COMMENT ON COLUMN pattern_outcome_events.adverse_5 IS 'Farthest against the pattern within 5 bars, in per cent, 0 or more; null until then and of neutral patterns.';
COMMENT ON COLUMN pattern_outcome_events.return_10 IS 'Return from entry to the close 10 bars later, in per cent; null until then.';
COMMENT ON COLUMN pattern_outcome_events.favourable_10 IS 'Farthest the pattern''s way within 10 bars, in per cent, 0 or more; null until then and of neutral patterns.';
COMMENT ON COLUMN pattern_outcome_events.adverse_10 IS 'Farthest against the pattern within 10 bars, in per cent, 0 or more; null until then and of neutral patterns.';
COMMENT ON COLUMN pattern_outcome_events.return_20 IS 'Return from entry to the close 20 bars later, in per cent; null until then.';
COMMENT ON COLUMN pattern_outcome_events.favourable_20 IS 'Farthest the pattern''s way within 20 bars, in per cent, 0 or more; null until then and of neutral patterns.';
COMMENT ON COLUMN pattern_outcome_events.adverse_20 IS 'Farthest against the pattern within 20 bars, in per cent, 0 or more; null until then and of neutral patterns.';
COMMENT ON COLUMN pattern_outcome_events.return_50 IS 'Return from entry to the close 50 bars later, in per cent; null until then.';
COMMENT ON COLUMN pattern_outcome_events.favourable_50 IS 'Farthest the pattern''s way within 50 bars, in per cent, 0 or more; null until then and of neutral patterns.';
COMMENT ON COLUMN pattern_outcome_events.adverse_50 IS 'Farthest against the pattern within 50 bars, in per cent, 0 or more; null until then and of neutral patterns.';
CREATE INDEX pattern_outcome_events_by_time ON pattern_outcome_events USING brin (ts);
CALL keep_in_chunks(
    'pattern_outcome_events', '7 days', 'instrument_id, timeframe_id, logic_version', 'ts, kind_id', '30 days'
);

INSERT INTO pattern_outcome_events (
    ts, entry, created_at, instrument_id, logic_version, atr,
    return_1, return_3, return_5, return_10, return_20, return_50,
    favourable_1, favourable_3, favourable_5, favourable_10, favourable_20, favourable_50,
    adverse_1, adverse_3, adverse_5, adverse_10, adverse_20, adverse_50,
    target_pct, invalidation_pct, timeframe_id, kind_id, sign, regime_sign, touch, touch_bars, has_levels, ambiguous, reference,
    late
)
SELECT ts, max(entry), max(created_at), instrument_id, logic_version, max(atr)::real,
    max(return_pct) FILTER (WHERE horizon = 1),
    max(return_pct) FILTER (WHERE horizon = 3),
    max(return_pct) FILTER (WHERE horizon = 5),
    max(return_pct) FILTER (WHERE horizon = 10),
    max(return_pct) FILTER (WHERE horizon = 20),
    max(return_pct) FILTER (WHERE horizon = 50),
    max(favourable_pct) FILTER (WHERE horizon = 1),
    max(favourable_pct) FILTER (WHERE horizon = 3),
    max(favourable_pct) FILTER (WHERE horizon = 5),
    max(favourable_pct) FILTER (WHERE horizon = 10),
    max(favourable_pct) FILTER (WHERE horizon = 20),
    max(favourable_pct) FILTER (WHERE horizon = 50),
    max(adverse_pct) FILTER (WHERE horizon = 1),
    max(adverse_pct) FILTER (WHERE horizon = 3),
    max(adverse_pct) FILTER (WHERE horizon = 5),
    max(adverse_pct) FILTER (WHERE horizon = 10),
    max(adverse_pct) FILTER (WHERE horizon = 20),
    max(adverse_pct) FILTER (WHERE horizon = 50),
    max(target_atr * atr / entry * 100)::real, max(invalidation_atr * atr / entry * 100)::real, timeframe_id, kind_id,
    CASE direction WHEN 'bullish' THEN 1 WHEN 'bearish' THEN -1 ELSE 0 END,
    max(CASE regime WHEN 'up' THEN 1 WHEN 'down' THEN -1 WHEN 'range' THEN 0 END),
    max(CASE first_touch WHEN 'target' THEN 1 WHEN 'invalidation' THEN -1 END), max(touch_bars),
    bool_or(first_touch IS NOT NULL), bool_or(ambiguous) FILTER (WHERE touch_bars IS NOT NULL), reference,
    CASE WHEN bool_or(late <> 0) THEN ARRAY[
        max(late) FILTER (WHERE horizon = 1), max(late) FILTER (WHERE horizon = 3), max(late) FILTER (WHERE horizon = 5), max(late) FILTER (WHERE horizon = 10), max(late) FILTER (WHERE horizon = 20), max(late) FILTER (WHERE horizon = 50)
    ] END
FROM (SELECT *, (extract(epoch FROM known_at - ts)::bigint / (timeframe_id * 60) - 1 - horizon)::integer AS late FROM pattern_outcome_events_before) AS o
JOIN pattern_kinds AS k USING (family, pattern)
WHERE direction IN ('bearish', 'neutral', 'bullish') AND coalesce(regime, 'up') IN ('up', 'down', 'range')
    AND coalesce(first_touch, 'neither') IN ('target', 'invalidation', 'neither') AND horizon IN (1, 3, 5, 10, 20, 50)
    AND confirmed_at = ts + timeframe_id * INTERVAL '1 minute'
    AND extract(epoch FROM known_at - ts)::bigint % (timeframe_id * 60) = 0
GROUP BY instrument_id, timeframe_id, ts, kind_id, direction, reference, logic_version;
-- whether there are any hangs on the rows: no database has to have these tables
SELECT * INTO pattern_outcome_events_unconverted
FROM pattern_outcome_events_before
WHERE (direction IN ('bearish', 'neutral', 'bullish') AND coalesce(regime, 'up') IN ('up', 'down', 'range')
    AND coalesce(first_touch, 'neither') IN ('target', 'invalidation', 'neither') AND horizon IN (1, 3, 5, 10, 20, 50)
    AND confirmed_at = ts + timeframe_id * INTERVAL '1 minute'
    AND extract(epoch FROM known_at - ts)::bigint % (timeframe_id * 60) = 0) IS NOT TRUE;

-- in place, so that rights and what is made of it stay; its file says the same
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

DROP TABLE pattern_outcome_events_before;


-- confidences: what is the same for a configuration, and what follows from the rest, is told by the view
ALTER TABLE pattern_confidences RENAME TO pattern_confidences_before;
ALTER INDEX pattern_confidences_pkey RENAME TO pattern_confidences_before_pkey;
ALTER INDEX IF EXISTS pattern_confidences_by_time RENAME TO pattern_confidences_before_by_time;
ALTER INDEX IF EXISTS pattern_confidences_sure RENAME TO pattern_confidences_before_sure;
CREATE TABLE pattern_confidences (
    ts timestamptz NOT NULL,
    history_as_of timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    confidence double precision,
    instrument_id integer NOT NULL,
    logic_version integer NOT NULL,
    configuration_version integer NOT NULL,
    strength real NOT NULL,
    volume real,
    trend real,
    context real,
    history real,
    convergence real,
    boost_volume real,
    boost_price real,
    timeframe_id smallint NOT NULL,
    kind_id smallint NOT NULL,
    sign smallint NOT NULL,
    stage_id smallint NOT NULL,
    trend_parts smallint NOT NULL,
    context_parts smallint NOT NULL,
    level_id smallint,
    reference text NOT NULL DEFAULT '',
    PRIMARY KEY (instrument_id, timeframe_id, ts, kind_id, sign, stage_id, logic_version, configuration_version, reference)
);
COMMENT ON TABLE pattern_confidences IS 'How sure each pattern event was when it became known (the close of its bar), factor by factor. Old versions stay. The view pattern_confidence shows the newest with weights, coverages, reliability and boosted score.';
COMMENT ON COLUMN pattern_confidences.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN pattern_confidences.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN pattern_confidences.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN pattern_confidences.reference IS 'Which life of a chart pattern (chart_pattern_events.pattern_id); empty where patterns have no life of several rows.';
COMMENT ON COLUMN pattern_confidences.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN pattern_confidences.configuration_version IS 'Weights and thresholds by which it was made (pattern_configurations).';
COMMENT ON COLUMN pattern_confidences.volume IS 'Volume confirmation: how far the bar''s volume exceeds that of the 20 before, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidences.trend IS 'Trend alignment, on its own and the next higher timeframe, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidences.context IS 'Market context: volatility, liquidity, the market''s trend, sentiment, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidences.history IS 'Historical success as known then, less the base rate, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidences.convergence IS 'Convergence of the consecutive timeframes that lean its way, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidences.confidence IS 'How sure, 0 to 100: the weighted mean of what is known of the factors. Null where nothing is known.';
COMMENT ON COLUMN pattern_confidences.boost_volume IS 'Added for volume, 0 to 30; null where unknown.';
COMMENT ON COLUMN pattern_confidences.boost_price IS 'Added for the bar''s move its way, 0 to 20; null where unknown.';
COMMENT ON COLUMN pattern_confidences.history_as_of IS 'As of when the history was known; null where none was.';
COMMENT ON COLUMN pattern_confidences.created_at IS 'When the present values were made.';
COMMENT ON COLUMN pattern_confidences.kind_id IS 'Family and pattern (pattern_kinds).';
COMMENT ON COLUMN pattern_confidences.sign IS '1 bullish, -1 bearish, 0 neutral.';
COMMENT ON COLUMN pattern_confidences.stage_id IS '0 forming, 1 complete, 2 evolved, 3 expired, 4 failed, 5 target_met.';
COMMENT ON COLUMN pattern_confidences.strength IS 'How clearly the pattern meets its definition, 0 to 100.';
COMMENT ON COLUMN pattern_confidences.trend_parts IS 'Parts of the factor trend that were known: 0 to 2.';
COMMENT ON COLUMN pattern_confidences.context_parts IS 'Parts of the factor context that were known: 0 to 4.';
COMMENT ON COLUMN pattern_confidences.level_id IS 'Level of the confidence: 0 very low, 1 low, 2 medium, 3 high, 4 extreme; null where too little is known.';
CREATE INDEX pattern_confidences_by_time ON pattern_confidences USING brin (ts);
CREATE INDEX pattern_confidences_sure ON pattern_confidences (instrument_id, ts)
    WHERE (ARRAY['very low', 'low', 'medium', 'high', 'extreme'])[level_id + 1] IN ('high', 'extreme'); -- as the view spells level
CALL keep_in_chunks(
    'pattern_confidences', '7 days', 'instrument_id, timeframe_id, logic_version, configuration_version',
    'ts, kind_id', '30 days'
);
INSERT INTO pattern_confidences (
    ts, history_as_of, created_at, confidence, instrument_id, logic_version, configuration_version, strength, volume, trend, context,
    history, convergence, boost_volume, boost_price, timeframe_id, kind_id, sign, stage_id, trend_parts, context_parts, level_id,
    reference
)
SELECT ts, history_as_of, created_at, confidence, instrument_id, logic_version, configuration_version, aspect_technical * 100,
    volume, trend, context, history, convergence, boost_volume, boost_price, timeframe_id, kind_id,
    CASE direction WHEN 'bullish' THEN 1 WHEN 'bearish' THEN -1 ELSE 0 END,
    array_position(ARRAY['forming', 'complete', 'evolved', 'expired', 'failed', 'target_met'], stage) - 1,
    round(trend_coverage * 2), round(context_coverage * 4),
    array_position(ARRAY['very low', 'low', 'medium', 'high', 'extreme'], level) - 1, reference
FROM pattern_confidences_before
JOIN pattern_kinds AS k USING (family, pattern)
WHERE direction IN ('bearish', 'neutral', 'bullish')
    AND stage IN ('forming', 'complete', 'evolved', 'expired', 'failed', 'target_met')
    AND coalesce(level, 'low') IN ('very low', 'low', 'medium', 'high', 'extreme') AND aspect_technical IS NOT NULL
    AND known_at = ts + timeframe_id * INTERVAL '1 minute'
    AND configuration_version IN (SELECT version FROM pattern_configurations WHERE configuration #> '{confidence,convergence}' IS NOT NULL);
SELECT * INTO pattern_confidences_unconverted
FROM pattern_confidences_before
WHERE (direction IN ('bearish', 'neutral', 'bullish')
    AND stage IN ('forming', 'complete', 'evolved', 'expired', 'failed', 'target_met')
    AND coalesce(level, 'low') IN ('very low', 'low', 'medium', 'high', 'extreme') AND aspect_technical IS NOT NULL
    AND known_at = ts + timeframe_id * INTERVAL '1 minute'
    AND configuration_version IN (SELECT version FROM pattern_configurations WHERE configuration #> '{confidence,convergence}' IS NOT NULL)) IS NOT TRUE;
CREATE OR REPLACE VIEW pattern_weights AS
SELECT w.*, w.volume_weight + w.trend_weight + w.context_weight + w.history_weight + w.convergence_weight AS weights,
    w.aspect_technical_weight + w.aspect_historical_weight + w.aspect_market_weight + w.aspect_volume_weight AS aspect_weights,
    w.boost_volume + w.boost_price + w.boost_timeframe AS boosts,
    ARRAY['very low', 'low', 'medium', 'high', 'extreme'] AS names
FROM (
    SELECT version,
        (configuration #>> '{confidence,volume}')::double precision AS volume_weight,
        (configuration #>> '{confidence,trend}')::double precision AS trend_weight,
        (configuration #>> '{confidence,context}')::double precision AS context_weight,
        (configuration #>> '{confidence,history}')::double precision AS history_weight,
        (configuration #>> '{confidence,convergence}')::double precision AS convergence_weight,
        (configuration #>> '{reliability,technical}')::double precision AS aspect_technical_weight,
        (configuration #>> '{reliability,historical}')::double precision AS aspect_historical_weight,
        (configuration #>> '{reliability,market}')::double precision AS aspect_market_weight,
        (configuration #>> '{reliability,volume}')::double precision AS aspect_volume_weight,
        (configuration #>> '{boosts,volume}')::double precision AS boost_volume,
        (configuration #>> '{boosts,price}')::double precision AS boost_price,
        (configuration #>> '{boosts,timeframe}')::double precision AS boost_timeframe,
        (configuration #>> '{boosts,cap}')::double precision AS cap,
        (configuration #>> '{boosts,strong}')::double precision AS strong,
        (configuration #>> '{boosts,medium}')::double precision AS medium,
        (configuration #>> '{confidence,least_coverage}')::double precision AS least_coverage,
        ARRAY(SELECT jsonb_array_elements_text(configuration #> '{confidence,levels}')::double precision) AS levels
    FROM pattern_configurations
    OFFSET 0 -- read once for all rows, not taken apart for each
) AS w;
CREATE OR REPLACE VIEW pattern_confidence AS
SELECT i.venue, i.symbol, t.timeframe, v.ts, v.ts + v.timeframe_id * INTERVAL '1 minute' AS known_at, k.family, k.pattern,
    CASE v.sign WHEN 1 THEN 'bullish' WHEN -1 THEN 'bearish' ELSE 'neutral' END AS direction,
    (ARRAY['forming', 'complete', 'evolved', 'expired', 'failed', 'target_met'])[v.stage_id + 1] AS stage,
    v.reference, v.volume::double precision AS volume, v.trend::double precision AS trend,
    v.context::double precision AS context, v.history::double precision AS history,
    v.convergence::double precision AS convergence, s.volume_coverage, s.trend_coverage, s.context_coverage,
    s.history_coverage, s.convergence_coverage, v.confidence, least(s.known / c.weights, 1) AS coverage,
    s.technical AS aspect_technical, v.history::double precision AS aspect_historical, s.market AS aspect_market,
    v.volume::double precision AS aspect_volume, 1::double precision AS aspect_technical_coverage,
    s.history_coverage AS aspect_historical_coverage, s.market_coverage AS aspect_market_coverage,
    s.volume_coverage AS aspect_volume_coverage, r.reliability, r.reliability_coverage,
    v.boost_volume::double precision AS boost_volume, v.boost_price::double precision AS boost_price,
    c.boost_timeframe * v.convergence AS boost_timeframe, b.boosted, b.boosted_coverage,
    c.volume_weight, c.trend_weight, c.context_weight, c.history_weight, c.convergence_weight, c.aspect_technical_weight,
    c.aspect_historical_weight, c.aspect_market_weight, c.aspect_volume_weight,
    (ARRAY['very low', 'low', 'medium', 'high', 'extreme'])[v.level_id + 1] AS level,
    CASE WHEN r.reliability_coverage >= c.least_coverage THEN c.names[1 + (SELECT count(*) FROM unnest(c.levels) AS l (least)
        WHERE r.reliability >= l.least)::integer] END AS reliability_level,
    CASE WHEN b.boosted > c.strong THEN 'strong' WHEN b.boosted >= c.medium THEN 'medium' ELSE 'weak' END AS boosted_level,
    v.history_as_of, v.configuration_version, v.logic_version, v.created_at, v.instrument_id, v.timeframe_id
FROM pattern_confidences AS v
JOIN pattern_kinds AS k USING (kind_id)
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
LEFT JOIN pattern_weights AS c ON c.version = v.configuration_version
CROSS JOIN LATERAL (
    SELECT f.*, v.strength / 100.0::double precision AS technical, (f.trend_coverage + f.context_coverage) / 2 AS market_coverage,
        CASE WHEN v.trend IS NOT NULL AND v.context IS NOT NULL THEN (v.trend::double precision + v.context) / 2
            ELSE coalesce(v.trend, v.context) END AS market,
        c.volume_weight * f.volume_coverage + c.trend_weight * f.trend_coverage + c.context_weight * f.context_coverage
        + c.history_weight * f.history_coverage + c.convergence_weight * f.convergence_coverage AS known
    FROM (
        SELECT (v.volume IS NOT NULL)::integer::double precision AS volume_coverage,
            v.trend_parts / 2.0::double precision AS trend_coverage, v.context_parts / 4.0::double precision AS context_coverage,
            (v.history IS NOT NULL)::integer::double precision AS history_coverage,
            (v.convergence IS NOT NULL)::integer::double precision AS convergence_coverage
    ) AS f
) AS s
CROSS JOIN LATERAL (
    SELECT least(greatest(100 * (
            c.aspect_technical_weight * s.technical + coalesce(c.aspect_historical_weight * v.history, 0)
            + coalesce(c.aspect_market_weight * s.market_coverage * s.market, 0) + coalesce(c.aspect_volume_weight * v.volume, 0)
        ) / nullif(w.known, 0), 0), 100) AS reliability,
        least(w.known / c.aspect_weights, 1) AS reliability_coverage
    FROM (
        SELECT c.aspect_technical_weight + c.aspect_historical_weight * s.history_coverage
            + c.aspect_market_weight * s.market_coverage + c.aspect_volume_weight * s.volume_coverage AS known
    ) AS w
) AS r
CROSS JOIN LATERAL (
    SELECT least(v.strength + coalesce(v.boost_volume, 0) + coalesce(v.boost_price, 0)
            + coalesce(c.boost_timeframe * v.convergence, 0), c.cap) AS boosted,
        (c.boost_volume * (v.boost_volume IS NOT NULL)::integer + c.boost_price * (v.boost_price IS NOT NULL)::integer
            + c.boost_timeframe * s.convergence_coverage) / c.boosts AS boosted_coverage
) AS b
WHERE v.logic_version > 0 AND NOT EXISTS (
    SELECT FROM signal_windows AS n
    WHERE n.dataset = 'pattern_confidence' AND n.instrument_id = v.instrument_id
        AND n.windows @> v.ts + v.timeframe_id * INTERVAL '1 minute'
        AND (n.logic_version, n.configuration_version) > (v.logic_version, v.configuration_version)
);
DROP TABLE pattern_confidences_before;

-- confluences
ALTER TABLE pattern_confluences RENAME TO pattern_confluences_before;
ALTER INDEX pattern_confluences_pkey RENAME TO pattern_confluences_before_pkey;
ALTER INDEX IF EXISTS pattern_confluences_by_time RENAME TO pattern_confluences_before_by_time;
CREATE TABLE pattern_confluences (
    ts timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    instrument_id integer NOT NULL,
    logic_version integer NOT NULL,
    configuration_version integer NOT NULL,
    convergence real NOT NULL,
    timeframe_id smallint NOT NULL,
    kind_id smallint NOT NULL,
    sign smallint NOT NULL,
    grade_id smallint NOT NULL,
    run smallint NOT NULL,
    run_first_id smallint NOT NULL,
    run_last_id smallint NOT NULL,
    confirming smallint NOT NULL,
    contradicting smallint NOT NULL,
    overridden_by_id smallint,
    reference text NOT NULL,
    PRIMARY KEY (instrument_id, timeframe_id, ts, logic_version, configuration_version)
);
COMMENT ON TABLE pattern_confluences IS 'Where timeframes lean at the close of a bar, and how many consecutive ones lean alike. Old versions stay. The view pattern_confluence shows the newest.';
COMMENT ON COLUMN pattern_confluences.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN pattern_confluences.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN pattern_confluences.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN pattern_confluences.reference IS 'Which life of a chart pattern (chart_pattern_events.pattern_id); empty where patterns have no life of several rows.';
COMMENT ON COLUMN pattern_confluences.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN pattern_confluences.configuration_version IS 'Weights and thresholds by which it was made (pattern_configurations).';
COMMENT ON COLUMN pattern_confluences.run IS 'Consecutive timeframes that lean alike, this one counted.';
COMMENT ON COLUMN pattern_confluences.confirming IS 'Other timeframes that lean alike, consecutive or not.';
COMMENT ON COLUMN pattern_confluences.contradicting IS 'Other timeframes that lean the other way.';
COMMENT ON COLUMN pattern_confluences.convergence IS 'Sum of the multipliers of the run less those of contradicting timeframes, over 3, within 0 to 1; 0 where overridden.';
COMMENT ON COLUMN pattern_confluences.created_at IS 'When the present values were made.';
COMMENT ON COLUMN pattern_confluences.kind_id IS 'Pattern that leads the timeframe: the strongest of its direction that counts (pattern_kinds).';
COMMENT ON COLUMN pattern_confluences.sign IS 'Where the timeframe leans: 1 bullish, -1 bearish.';
COMMENT ON COLUMN pattern_confluences.grade_id IS '3 strong with three or more consecutive timeframes that lean alike, 2 medium with two, 1 weak alone.';
COMMENT ON COLUMN pattern_confluences.run_first_id IS 'Lowest timeframe of the run (timeframes).';
COMMENT ON COLUMN pattern_confluences.run_last_id IS 'Highest timeframe of the run (timeframes).';
COMMENT ON COLUMN pattern_confluences.overridden_by_id IS 'Higher timeframe that leans the other way and decides (timeframes); null where none does.';
CREATE INDEX pattern_confluences_by_time ON pattern_confluences USING brin (ts);
CALL keep_in_chunks(
    'pattern_confluences', '7 days', 'instrument_id, timeframe_id, logic_version, configuration_version',
    'ts', '30 days'
);
INSERT INTO pattern_confluences (
    ts, created_at, instrument_id, logic_version, configuration_version, convergence, timeframe_id, kind_id, sign, grade_id, run,
    run_first_id, run_last_id, confirming, contradicting, overridden_by_id, reference
)
SELECT v.ts, v.created_at, v.instrument_id, v.logic_version, v.configuration_version, v.convergence, v.timeframe_id, k.kind_id,
    CASE v.direction WHEN 'bullish' THEN 1 WHEN 'bearish' THEN -1 ELSE 0 END,
    array_position(ARRAY['weak', 'medium', 'strong'], v.grade), v.run, f.timeframe_id, l.timeframe_id, v.confirming, v.contradicting,
    o.timeframe_id, v.reference
FROM (
    SELECT * FROM pattern_confluences_before
    WHERE direction IN ('bearish', 'neutral', 'bullish') AND grade IN ('weak', 'medium', 'strong')
        AND run_first IN (SELECT timeframe FROM timeframes) AND run_last IN (SELECT timeframe FROM timeframes)
        AND (overridden_by IS NULL OR overridden_by IN (SELECT timeframe FROM timeframes))
        AND known_at = ts + timeframe_id * INTERVAL '1 minute'
) AS v
JOIN pattern_kinds AS k USING (family, pattern)
JOIN timeframes AS f ON f.timeframe = v.run_first
JOIN timeframes AS l ON l.timeframe = v.run_last
LEFT JOIN timeframes AS o ON o.timeframe = v.overridden_by;
SELECT * INTO pattern_confluences_unconverted
FROM pattern_confluences_before
WHERE (direction IN ('bearish', 'neutral', 'bullish') AND grade IN ('weak', 'medium', 'strong')
    AND run_first IN (SELECT timeframe FROM timeframes) AND run_last IN (SELECT timeframe FROM timeframes)
    AND (overridden_by IS NULL OR overridden_by IN (SELECT timeframe FROM timeframes))
    AND known_at = ts + timeframe_id * INTERVAL '1 minute') IS NOT TRUE;
CREATE OR REPLACE VIEW pattern_confluence AS
SELECT i.venue, i.symbol, t.timeframe, v.ts, v.ts + v.timeframe_id * INTERVAL '1 minute' AS known_at,
    CASE v.sign WHEN 1 THEN 'bullish' WHEN -1 THEN 'bearish' ELSE 'neutral' END AS direction, k.family, k.pattern, v.reference,
    CASE v.grade_id WHEN 3 THEN 'strong' WHEN 2 THEN 'medium' WHEN 1 THEN 'weak' END AS grade,
    v.run::bigint AS run, f.timeframe AS run_first, l.timeframe AS run_last, v.confirming::bigint AS confirming,
    v.contradicting::bigint AS contradicting, o.timeframe AS overridden_by, v.convergence::double precision AS convergence,
    v.configuration_version, v.logic_version, v.created_at, v.instrument_id, v.timeframe_id
FROM pattern_confluences AS v
JOIN pattern_kinds AS k USING (kind_id)
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
JOIN timeframes AS f ON f.timeframe_id = v.run_first_id
JOIN timeframes AS l ON l.timeframe_id = v.run_last_id
LEFT JOIN timeframes AS o ON o.timeframe_id = v.overridden_by_id
WHERE v.logic_version > 0 AND NOT EXISTS (
    SELECT FROM signal_windows AS n
    WHERE n.dataset = 'pattern_confluence' AND n.instrument_id = v.instrument_id
        AND n.windows @> v.ts + v.timeframe_id * INTERVAL '1 minute'
        AND (n.logic_version, n.configuration_version) > (v.logic_version, v.configuration_version)
);
DROP TABLE pattern_confluences_before;

-- relationships: what is told of the pattern here is in pattern_confluences; the view pattern_relationships puts it beside
DROP INDEX IF EXISTS pattern_relationships_by_time;
ALTER TABLE pattern_relationships RENAME TO pattern_relationships_before;
CREATE TABLE pattern_relationship_events (
    ts timestamptz NOT NULL,
    other_ts timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    instrument_id integer NOT NULL,
    logic_version integer NOT NULL,
    configuration_version integer NOT NULL,
    timeframe_id smallint NOT NULL,
    other_timeframe_id smallint NOT NULL,
    other_kind_id smallint NOT NULL,
    other_sign smallint NOT NULL,
    other_reference text NOT NULL,
    PRIMARY KEY (instrument_id, timeframe_id, ts, other_timeframe_id, logic_version, configuration_version)
);
COMMENT ON TABLE pattern_relationship_events IS 'Which pattern of another timeframe confirms or overrides where a timeframe leans (pattern_confluences, with the same key): of consecutive timeframes that lean alike, and of the highest that overrides. The view pattern_relationships shows names.';
COMMENT ON COLUMN pattern_relationship_events.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN pattern_relationship_events.timeframe_id IS 'Timeframe that leans (timeframes).';
COMMENT ON COLUMN pattern_relationship_events.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN pattern_relationship_events.other_timeframe_id IS 'The other timeframe (timeframes).';
COMMENT ON COLUMN pattern_relationship_events.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN pattern_relationship_events.configuration_version IS 'Weights and thresholds by which it was made (pattern_configurations).';
COMMENT ON COLUMN pattern_relationship_events.other_ts IS 'Open time of the bar of the pattern that leads there.';
COMMENT ON COLUMN pattern_relationship_events.other_kind_id IS 'Pattern that leads there (pattern_kinds).';
COMMENT ON COLUMN pattern_relationship_events.other_sign IS 'Where the other timeframe leans: 1 bullish, -1 bearish.';
COMMENT ON COLUMN pattern_relationship_events.other_reference IS 'Which life of a chart pattern that is; empty of others.';
COMMENT ON COLUMN pattern_relationship_events.created_at IS 'When the present values were made.';
CREATE INDEX pattern_relationship_events_by_time ON pattern_relationship_events USING brin (ts);
CALL keep_in_chunks(
    'pattern_relationship_events', '7 days', 'instrument_id, timeframe_id, logic_version, configuration_version',
    'ts, other_timeframe_id', '30 days'
);
INSERT INTO pattern_relationship_events (
    ts, other_ts, created_at, instrument_id, logic_version, configuration_version, timeframe_id, other_timeframe_id, other_kind_id,
    other_sign, other_reference
)
SELECT v.ts, v.other_ts, v.created_at, v.instrument_id, v.logic_version, v.configuration_version, v.timeframe_id, t.timeframe_id,
    k.kind_id, CASE v.other_direction WHEN 'bullish' THEN 1 WHEN 'bearish' THEN -1 ELSE 0 END, v.other_reference
FROM pattern_relationships_before AS v
JOIN pattern_confluences AS c USING (instrument_id, timeframe_id, ts, logic_version, configuration_version)
JOIN pattern_kinds AS k ON k.family = v.other_family AND k.pattern = v.other_pattern
JOIN timeframes AS t ON t.timeframe = v.other_timeframe
WHERE v.other_direction IN ('bearish', 'neutral', 'bullish')
    AND v.known_at = v.ts + v.timeframe_id * INTERVAL '1 minute'
    AND v.other_known_at = v.other_ts + t.timeframe_id * INTERVAL '1 minute';
SELECT * INTO pattern_relationships_unconverted
FROM pattern_relationships_before AS v
WHERE NOT EXISTS (
    SELECT FROM pattern_relationship_events AS n
    JOIN timeframes AS t ON t.timeframe_id = n.other_timeframe_id
    WHERE n.instrument_id = v.instrument_id AND n.timeframe_id = v.timeframe_id AND n.ts = v.ts
        AND t.timeframe = v.other_timeframe AND n.logic_version = v.logic_version
        AND n.configuration_version = v.configuration_version
);
DROP TABLE pattern_relationships_before;


-- rows of an instrument and timeframe lie in order of time, so a summary of each stretch finds a window as well as a tree
DROP INDEX IF EXISTS candlestick_pattern_events_by_time;
CREATE INDEX candlestick_pattern_events_by_time ON candlestick_pattern_events USING brin (ts);

DO $$
DECLARE
    kept text;
    is_left boolean;
BEGIN
    FOREACH kept IN ARRAY ARRAY['pattern_outcome_events', 'pattern_confidences', 'pattern_confluences', 'pattern_relationships'] LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', kept || '_unconverted') INTO is_left;
        IF NOT is_left THEN
            EXECUTE format('DROP TABLE %I', kept || '_unconverted');
        ELSE
            EXECUTE format('COMMENT ON TABLE %I IS %L', kept || '_unconverted',
                'Rows of ' || kept || ' that migration 0055 found no place for in its new form; nothing reads them.');
            RAISE NOTICE 'rows of % that have no place in its new form are kept in %_unconverted', kept, kept;
        END IF;
    END LOOP;
END $$;

