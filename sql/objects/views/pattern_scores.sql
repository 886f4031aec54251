CREATE OR REPLACE VIEW pattern_scores AS
WITH levels AS (
    SELECT c.* FROM score_calibration AS c JOIN score_notes AS n USING (timeframe, score, horizon)
)
SELECT p.venue, p.symbol, p.timeframe, p.ts, p.known_at, p.family, p.pattern, p.direction, p.stage, p.reference,
    p.confidence, p.level AS confidence_level, c.right_share AS confidence_right, c.right_low AS confidence_right_low,
    c.right_high AS confidence_right_high,
    c.paid_share AS confidence_paid, c.walk_right AS confidence_walk, c.increasing AS confidence_ranks,
    p.reliability, p.reliability_level AS reliability_level, r.right_share AS reliability_right, r.right_low AS
    reliability_right_low,
    r.right_high AS reliability_right_high,
    r.paid_share AS reliability_paid, r.walk_right AS reliability_walk, r.increasing AS reliability_ranks,
    p.boosted, p.boosted_level AS boosted_level, b.right_share AS boosted_right, b.right_low AS boosted_right_low,
    b.right_high AS boosted_right_high,
    b.paid_share AS boosted_paid, b.walk_right AS boosted_walk, b.increasing AS boosted_ranks,
    coalesce(c.horizon, r.horizon, b.horizon) AS calibration_horizon,
    coalesce(c.as_of, r.as_of, b.as_of) AS calibration_as_of,
    p.configuration_version, p.logic_version, p.instrument_id, p.timeframe_id
FROM pattern_confidence AS p
LEFT JOIN levels AS c
    ON c.timeframe = p.timeframe AND c.score = 'confidence' AND c.level = coalesce(p.level, 'none')
    AND p.direction <> 'neutral' AND p.stage = 'complete'
LEFT JOIN levels AS r
    ON r.timeframe = p.timeframe AND r.score = 'reliability' AND r.level = coalesce(p.reliability_level, 'none')
    AND p.direction <> 'neutral' AND p.stage = 'complete'
LEFT JOIN levels AS b
    ON b.timeframe = p.timeframe AND b.score = 'boosted' AND b.level = coalesce(p.boosted_level, 'none')
    AND p.direction <> 'neutral' AND p.stage = 'complete';
COMMENT ON VIEW pattern_scores IS 'The scores of each pattern event side by side, each with how often its level was right, its interval and the same on random walks. The shares are those of the newest calibration, not of the event''s time: for looking at what is there now, not for backtests.';
COMMENT ON COLUMN pattern_scores.venue IS 'Venue.';
COMMENT ON COLUMN pattern_scores.symbol IS 'Unified symbol.';
COMMENT ON COLUMN pattern_scores.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN pattern_scores.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN pattern_scores.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN pattern_scores.family IS 'candlestick, chart or volume.';
COMMENT ON COLUMN pattern_scores.pattern IS 'Name of the pattern.';
COMMENT ON COLUMN pattern_scores.direction IS 'bullish, bearish or neutral.';
COMMENT ON COLUMN pattern_scores.stage IS 'complete, or of chart patterns any stage of their life.';
COMMENT ON COLUMN pattern_scores.reference IS 'Which life of a chart pattern (chart_pattern_events.pattern_id); empty where patterns have no life of several rows.';
COMMENT ON COLUMN pattern_scores.confidence IS 'How sure: how much of what is taken to support a pattern was there, 0 to 100; null where nothing is known.';
COMMENT ON COLUMN pattern_scores.confidence_level IS 'Its level; null where too little is known.';
COMMENT ON COLUMN pattern_scores.confidence_right IS 'How often patterns of this timeframe at that level of confidence were right, 0 to 1 (score_calibration). Null of neutral and forming patterns, and where nothing was calibrated.';
COMMENT ON COLUMN pattern_scores.confidence_right_low IS 'Lower bound of confidence_right (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN pattern_scores.confidence_right_high IS 'Upper bound of confidence_right.';
COMMENT ON COLUMN pattern_scores.confidence_paid IS 'How often they were right by more than a round trip costs.';
COMMENT ON COLUMN pattern_scores.confidence_walk IS 'How often the same level was right on random walks.';
COMMENT ON COLUMN pattern_scores.confidence_ranks IS 'Whether a higher confidence was seen to be right more often on this timeframe; null where too little is known.';
COMMENT ON COLUMN pattern_scores.reliability IS 'How reliable: strength, history, market and volume weighed, 0 to 100; null where nothing is known.';
COMMENT ON COLUMN pattern_scores.reliability_level IS 'Its level; null where too little is known.';
COMMENT ON COLUMN pattern_scores.reliability_right IS 'How often patterns of this timeframe at that level of reliability were right, 0 to 1 (score_calibration). Null of neutral and forming patterns, and where nothing was calibrated.';
COMMENT ON COLUMN pattern_scores.reliability_right_low IS 'Lower bound of reliability_right (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN pattern_scores.reliability_right_high IS 'Upper bound of reliability_right.';
COMMENT ON COLUMN pattern_scores.reliability_paid IS 'How often they were right by more than a round trip costs.';
COMMENT ON COLUMN pattern_scores.reliability_walk IS 'How often the same level was right on random walks.';
COMMENT ON COLUMN pattern_scores.reliability_ranks IS 'Whether a higher reliability was seen to be right more often on this timeframe; null where too little is known.';
COMMENT ON COLUMN pattern_scores.boosted IS 'The simpler score: strength and boosts, 0 to 100; null where nothing is known.';
COMMENT ON COLUMN pattern_scores.boosted_level IS 'Its level; null where too little is known.';
COMMENT ON COLUMN pattern_scores.boosted_right IS 'How often patterns of this timeframe at that level of boosted were right, 0 to 1 (score_calibration). Null of neutral and forming patterns, and where nothing was calibrated.';
COMMENT ON COLUMN pattern_scores.boosted_right_low IS 'Lower bound of boosted_right (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN pattern_scores.boosted_right_high IS 'Upper bound of boosted_right.';
COMMENT ON COLUMN pattern_scores.boosted_paid IS 'How often they were right by more than a round trip costs.';
COMMENT ON COLUMN pattern_scores.boosted_walk IS 'How often the same level was right on random walks.';
COMMENT ON COLUMN pattern_scores.boosted_ranks IS 'Whether a higher boosted was seen to be right more often on this timeframe; null where too little is known.';
COMMENT ON COLUMN pattern_scores.calibration_horizon IS 'Bars after which right was told.';
COMMENT ON COLUMN pattern_scores.calibration_as_of IS 'Moment up to which outcomes counted in the shares; later than the event where it is old.';
COMMENT ON COLUMN pattern_scores.configuration_version IS 'Version of the configuration (pattern_configurations).';
COMMENT ON COLUMN pattern_scores.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN pattern_scores.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN pattern_scores.timeframe_id IS 'Key of the timeframe, for joins.';
