CREATE OR REPLACE VIEW score_calibration AS
SELECT t.timeframe,
    v.score, v.horizon, v.level, v.place, v.n, v.evidence, v.clusters, v.mean_score, v.predicted,
    v.right_share, v.right_low, v.right_high, v.paid_share, v.paid_low, v.paid_high, v.mean_atr,
    v.mean_atr_low, v.mean_atr_high, v.base_rate, v.walk_evidence, v.walk_clusters, v.walk_right, v.walk_low,
    v.walk_high, v.walk_paid, v.walk_mean_atr, v.slope, v.slope_low, v.slope_high, v.trend_p, v.increasing,
    v.walk_slope, v.walk_trend_p, v.note,
    v.ts AS as_of, v.configuration_version, v.logic_version
FROM timeframes AS t
CROSS JOIN LATERAL (
    SELECT n.logic_version, n.configuration_version, n.ts FROM score_calibration_stats AS n
    WHERE n.timeframe_id = t.timeframe_id AND n.logic_version > 0
    ORDER BY n.logic_version DESC, n.configuration_version DESC, n.ts DESC LIMIT 1
) AS newest
JOIN score_calibration_stats AS v USING (logic_version, configuration_version, ts)
WHERE v.timeframe_id = t.timeframe_id;
COMMENT ON VIEW score_calibration IS 'How often patterns were right at each level of each score, over all tracked symbols, beside the same on random walks: the newest of each timeframe. Those of other days are in score_calibration_stats.';
COMMENT ON COLUMN score_calibration.timeframe IS 'Length of the bars.';
COMMENT ON COLUMN score_calibration.score IS 'Which score: confidence, reliability, boosted.';
COMMENT ON COLUMN score_calibration.horizon IS 'Bars after the confirmation.';
COMMENT ON COLUMN score_calibration.level IS 'Level of the score; none where too little was known for a level.';
COMMENT ON COLUMN score_calibration.place IS 'Order of the level, 1 for the lowest; 0 for none.';
COMMENT ON COLUMN score_calibration.n IS 'Pattern events, by name.';
COMMENT ON COLUMN score_calibration.evidence IS 'Pieces of evidence: events of one bar, direction and shape count once, with the score of the surest.';
COMMENT ON COLUMN score_calibration.clusters IS 'Stretches of time, one horizon long, that they fell into: the independent observations.';
COMMENT ON COLUMN score_calibration.mean_score IS 'Mean of the score, in its own units.';
COMMENT ON COLUMN score_calibration.predicted IS 'What the score promises, 0 to 1: its mean where it claims to be a probability, else null.';
COMMENT ON COLUMN score_calibration.right_share IS 'Share with a return the pattern''s way, 0 to 1; a return of 0 is not.';
COMMENT ON COLUMN score_calibration.right_low IS 'Lower bound of right_share (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN score_calibration.right_high IS 'Upper bound of right_share.';
COMMENT ON COLUMN score_calibration.paid_share IS 'Share with a return the pattern''s way above the costs of a round trip (the configuration''s fee and slippage).';
COMMENT ON COLUMN score_calibration.paid_low IS 'Lower bound of paid_share.';
COMMENT ON COLUMN score_calibration.paid_high IS 'Upper bound of paid_share.';
COMMENT ON COLUMN score_calibration.mean_atr IS 'Mean return the pattern''s way, in ATR, before costs; null without ATRs.';
COMMENT ON COLUMN score_calibration.mean_atr_low IS 'Lower bound of mean_atr (cluster bootstrap, 95 %); null with few clusters.';
COMMENT ON COLUMN score_calibration.mean_atr_high IS 'Upper bound of mean_atr.';
COMMENT ON COLUMN score_calibration.base_rate IS 'right_share of all levels of the score together.';
COMMENT ON COLUMN score_calibration.walk_evidence IS 'Pieces of evidence on random walks of the same volatility, scored by the same code.';
COMMENT ON COLUMN score_calibration.walk_clusters IS 'Their clusters.';
COMMENT ON COLUMN score_calibration.walk_right IS 'Their share right: what chance achieves at this level.';
COMMENT ON COLUMN score_calibration.walk_low IS 'Lower bound of walk_right.';
COMMENT ON COLUMN score_calibration.walk_high IS 'Upper bound of walk_right.';
COMMENT ON COLUMN score_calibration.walk_paid IS 'Their share right above costs.';
COMMENT ON COLUMN score_calibration.walk_mean_atr IS 'Their mean return, in ATR.';
COMMENT ON COLUMN score_calibration.slope IS 'Change of right_share from a level to the next, over all levels (Cochran-Armitage, by clusters); null where fewer than two levels have 30 clusters.';
COMMENT ON COLUMN score_calibration.slope_low IS 'Lower bound of slope, 95 %.';
COMMENT ON COLUMN score_calibration.slope_high IS 'Upper bound of slope.';
COMMENT ON COLUMN score_calibration.trend_p IS 'p of there being no trend, two-sided.';
COMMENT ON COLUMN score_calibration.increasing IS 'Whether the share right was seen to rise with the level: slope_low above 0. Null where too little is known.';
COMMENT ON COLUMN score_calibration.walk_slope IS 'The same slope on the random walks: none but by chance.';
COMMENT ON COLUMN score_calibration.walk_trend_p IS 'Its p.';
COMMENT ON COLUMN score_calibration.note IS 'What the levels say, as a sentence.';
COMMENT ON COLUMN score_calibration.as_of IS 'Moment up to which outcomes were known: the end of a UTC day.';
COMMENT ON COLUMN score_calibration.configuration_version IS 'Version of the configuration (pattern_configurations).';
COMMENT ON COLUMN score_calibration.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
