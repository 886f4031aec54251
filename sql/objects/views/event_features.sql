CREATE OR REPLACE VIEW event_features AS
SELECT i.venue, i.symbol, t.timeframe, p.ts, p.known_at, p.direction, p.shape, p.family, p.pattern,
    nullif(p.reference, '') AS reference, p.names,
    100 * c.aspect_technical AS strength, c.confidence, c.reliability, c.boosted, c.coverage,
    c.volume, c.trend, c.context, c.history, c.convergence, c.volume_coverage, c.trend_coverage, c.context_coverage,
    c.history_coverage, c.convergence_coverage,
    r.trend AS regime, r.trend_slope, r.volatility_percentile, r.liquidity_percentile,
    b.price, a.atr, a.atr / b.price AS atr_share, p.cost * b.price / a.atr AS cost_atr,
    d.sign * (b.price - b.close_1) / a.atr AS bar_move_atr, d.sign * (b.close_1 - b.close_n) / a.atr AS move_before_atr,
    d.sign * (b.price - h.breakout_level) / a.atr AS breakout_atr,
    CASE WHEN d.sign * (h.target - b.price) > 0 THEN d.sign * (h.target - b.price) / a.atr END AS target_atr,
    CASE WHEN d.sign * (b.price - h.invalidation) > 0 THEN d.sign * (b.price - h.invalidation) / a.atr END AS invalidation_atr,
    extract(hour FROM p.known_at AT TIME ZONE 'UTC')::integer AS hour,
    extract(isodow FROM p.known_at AT TIME ZONE 'UTC')::integer AS weekday,
    c.history_as_of, o.spread_bps, d.sign * o.imbalance AS imbalance,
    p.horizon, p.probability, p.probability_low, p.probability_high, p.break_even, p.cost, p.model_version,
    l.directed_pct / 100 AS gross_return, l.directed_pct / 100 - p.cost AS net_return,
    l.directed_pct / 100 > p.cost AS is_right, l.known_at AS label_known_at,
    p.configuration_version, p.logic_version, p.instrument_id
FROM event_probabilities AS p
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
CROSS JOIN LATERAL (SELECT CASE p.direction WHEN 'bullish' THEN 1 ELSE -1 END AS sign) AS d
JOIN LATERAL (
    SELECT v.* FROM pattern_confidence_all_versions AS v
    WHERE v.instrument_id = p.instrument_id AND v.timeframe_id = p.timeframe_id AND v.ts = p.ts AND v.family = p.family
        AND v.pattern = p.pattern AND v.direction = p.direction AND v.stage = 'complete' AND v.reference = p.reference
        AND v.configuration_version = p.configuration_version AND v.logic_version > 0
    ORDER BY v.logic_version DESC LIMIT 1
) AS c ON true
LEFT JOIN LATERAL (
    SELECT v.* FROM market_regimes AS v
    WHERE v.instrument_id = p.instrument_id AND v.timeframe_id = p.timeframe_id AND v.ts = p.ts AND v.logic_version > 0
    ORDER BY v.logic_version DESC LIMIT 1
) AS r ON true
LEFT JOIN LATERAL (
    SELECT v.atr_14 AS atr FROM indicator_values AS v
    WHERE v.instrument_id = p.instrument_id AND v.timeframe_id = p.timeframe_id AND v.ts = p.ts AND v.logic_version > 0
    ORDER BY v.logic_version DESC LIMIT 1
) AS a ON true
LEFT JOIN LATERAL (
    -- the bar, the one before, and ten before that
    SELECT (array_agg(v.close ORDER BY v.ts DESC))[1] AS price, (array_agg(v.close ORDER BY v.ts DESC))[2] AS close_1,
        (array_agg(v.close ORDER BY v.ts DESC))[12] AS close_n
    FROM (
        SELECT n.ts, n.close FROM bars AS n
        WHERE n.instrument_id = p.instrument_id AND n.timeframe_id = p.timeframe_id AND n.ts <= p.ts
            AND n.ts > p.ts - p.timeframe_id * INTERVAL '5000 minutes'
        ORDER BY n.ts DESC LIMIT 12
    ) AS v
) AS b ON true
LEFT JOIN LATERAL (
    SELECT v.breakout_level, v.target, v.invalidation FROM chart_pattern_events AS v
    WHERE p.family = 'chart' AND v.instrument_id = p.instrument_id AND v.timeframe_id = p.timeframe_id AND v.ts = p.ts
        AND v.pattern_id::text = p.reference AND v.stage = 'complete' AND v.logic_version > 0
    ORDER BY v.logic_version DESC LIMIT 1
) AS h ON true
LEFT JOIN LATERAL (
    SELECT v.spread_bps, v.imbalance FROM order_book_snapshots AS v
    WHERE v.instrument_id = p.instrument_id AND v.ts <= p.known_at AND v.ts > p.known_at - INTERVAL '60 seconds'
        AND v.received_at <= p.known_at
    ORDER BY v.ts DESC, v.update_id DESC LIMIT 1
) AS o ON true
LEFT JOIN LATERAL (
    SELECT v.directed_pct::double precision AS directed_pct, v.known_at FROM pattern_outcomes AS v
    WHERE v.instrument_id = p.instrument_id AND v.timeframe_id = p.timeframe_id AND v.ts = p.ts AND v.family = p.family
        AND v.pattern = p.pattern AND v.direction = p.direction AND coalesce(v.reference, '') = p.reference
        AND v.horizon = p.horizon
    LIMIT 1
) AS l ON true
WHERE p.logic_version > 0 AND NOT EXISTS (
    SELECT FROM event_probabilities AS n
    WHERE n.instrument_id = p.instrument_id AND n.timeframe_id = p.timeframe_id AND n.ts = p.ts
        AND (n.logic_version, n.configuration_version) > (p.logic_version, p.configuration_version)
);
COMMENT ON VIEW event_features IS 'Features as of a time: everything that was known of each piece of evidence at known_at, and the labels that became known later. Of evidence with a probability; alphapulse features gives all.';
COMMENT ON COLUMN event_features.venue IS 'Venue.';
COMMENT ON COLUMN event_features.symbol IS 'Unified symbol.';
COMMENT ON COLUMN event_features.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN event_features.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN event_features.known_at IS 'That close: every feature was known then. Labels were not: see label_known_at.';
COMMENT ON COLUMN event_features.direction IS 'bullish or bearish.';
COMMENT ON COLUMN event_features.shape IS 'What the patterns of the group share.';
COMMENT ON COLUMN event_features.family IS 'Family of the pattern that stands for the group: the surest of them.';
COMMENT ON COLUMN event_features.pattern IS 'That pattern.';
COMMENT ON COLUMN event_features.reference IS 'Which life of a chart pattern (chart_pattern_events.pattern_id); null of others.';
COMMENT ON COLUMN event_features.names IS 'Patterns in the group.';
COMMENT ON COLUMN event_features.strength IS 'How clearly it meets its definition, 0 to 100.';
COMMENT ON COLUMN event_features.confidence IS 'The specified confidence, 0 to 100.';
COMMENT ON COLUMN event_features.reliability IS 'The specified reliability, 0 to 100.';
COMMENT ON COLUMN event_features.boosted IS 'The specified boosted score, 0 to 100.';
COMMENT ON COLUMN event_features.coverage IS 'Share of the confidence''s weights that is known, 0 to 1.';
COMMENT ON COLUMN event_features.volume IS 'Factor volume confirmation, 0 to 1; null where unknown.';
COMMENT ON COLUMN event_features.trend IS 'Factor trend alignment, 0 to 1; null where unknown.';
COMMENT ON COLUMN event_features.context IS 'Factor market context, 0 to 1; null where unknown.';
COMMENT ON COLUMN event_features.history IS 'Factor historical success, 0 to 1; null where unknown.';
COMMENT ON COLUMN event_features.convergence IS 'Factor convergence of timeframes, 0 to 1; null where unknown.';
COMMENT ON COLUMN event_features.volume_coverage IS 'Share of its parts that is known, 0 to 1.';
COMMENT ON COLUMN event_features.trend_coverage IS 'Share of its parts that is known, 0 to 1.';
COMMENT ON COLUMN event_features.context_coverage IS 'Share of its parts that is known, 0 to 1.';
COMMENT ON COLUMN event_features.history_coverage IS 'Share of its parts that is known, 0 to 1.';
COMMENT ON COLUMN event_features.convergence_coverage IS 'Share of its parts that is known, 0 to 1.';
COMMENT ON COLUMN event_features.regime IS 'Trend of its timeframe: up, down or range; null in warm-up.';
COMMENT ON COLUMN event_features.trend_slope IS 'Slope of EMA 50, in ATR per bar.';
COMMENT ON COLUMN event_features.volatility_percentile IS 'Volatility among that of the bars before, 0 to 1.';
COMMENT ON COLUMN event_features.liquidity_percentile IS 'Liquidity among that of the bars before, 0 to 1.';
COMMENT ON COLUMN event_features.price IS 'Close of the bar: the entry, in quote units.';
COMMENT ON COLUMN event_features.atr IS 'ATR of 14 bars, in quote units.';
COMMENT ON COLUMN event_features.atr_share IS 'ATR over price.';
COMMENT ON COLUMN event_features.cost_atr IS 'What a round trip costs, in ATR.';
COMMENT ON COLUMN event_features.bar_move_atr IS 'The bar''s own move its way, close to close, in ATR.';
COMMENT ON COLUMN event_features.move_before_atr IS 'The move its way of the ten bars before the bar, in ATR.';
COMMENT ON COLUMN event_features.breakout_atr IS 'How far the close is beyond the breakout level, in ATR; null without one.';
COMMENT ON COLUMN event_features.target_atr IS 'Distance of the target, in ATR; null without one ahead.';
COMMENT ON COLUMN event_features.invalidation_atr IS 'Distance of the invalidation, in ATR; null without one behind.';
COMMENT ON COLUMN event_features.hour IS 'Hour of known_at, UTC, 0 to 23.';
COMMENT ON COLUMN event_features.weekday IS 'Weekday of known_at, Monday 1 to Sunday 7.';
COMMENT ON COLUMN event_features.history_as_of IS 'As of when the success rates were that history rests on.';
COMMENT ON COLUMN event_features.spread_bps IS 'Spread of the newest proven book of the 60 seconds before, in basis points; null where there was none.';
COMMENT ON COLUMN event_features.imbalance IS 'Imbalance of that book its way, -1 to 1; null where there was none.';
COMMENT ON COLUMN event_features.horizon IS 'Bars after the close, of the probability and the labels.';
COMMENT ON COLUMN event_features.probability IS 'That the return its way at the horizon exceeds the costs, as told then.';
COMMENT ON COLUMN event_features.probability_low IS 'Lower bound, at 95 %.';
COMMENT ON COLUMN event_features.probability_high IS 'Upper bound, at 95 %.';
COMMENT ON COLUMN event_features.break_even IS 'Share right at which wins pay for losses and costs.';
COMMENT ON COLUMN event_features.cost IS 'Of a round trip, a fraction of the notional.';
COMMENT ON COLUMN event_features.model_version IS 'Model that told the probability.';
COMMENT ON COLUMN event_features.gross_return IS 'Label: return its way up to the horizon, a fraction; null while it is not over.';
COMMENT ON COLUMN event_features.net_return IS 'Label: the same less the costs.';
COMMENT ON COLUMN event_features.is_right IS 'Label: whether the net return is above 0.';
COMMENT ON COLUMN event_features.label_known_at IS 'When the labels were known: nothing may learn from them before.';
COMMENT ON COLUMN event_features.configuration_version IS 'Weights, thresholds and costs by which it was made (pattern_configurations).';
COMMENT ON COLUMN event_features.logic_version IS 'Version of the rules that made the probability.';
COMMENT ON COLUMN event_features.instrument_id IS 'Key of the instrument, for joins.';
