CREATE OR REPLACE VIEW score_notes AS
SELECT DISTINCT
    c.timeframe, c.score, c.horizon, c.increasing, c.slope, c.slope_low, c.slope_high, c.trend_p, c.walk_slope,
    c.walk_trend_p, c.note, c.as_of, c.configuration_version
FROM score_calibration AS c
LEFT JOIN pattern_configurations AS k ON k.version = c.configuration_version
-- the horizon that counts as success in confidence and reliability
WHERE c.horizon = coalesce((k.configuration -> 'outcomes' ->> 'history_horizon')::integer, 10);
COMMENT ON VIEW score_notes IS 'Whether each score was right more often where it is higher, in a sentence: the newest of each timeframe, after the bars that count as success. Where it was not seen to rise, do not rank by it.';
COMMENT ON COLUMN score_notes.timeframe IS 'Length of the bars.';
COMMENT ON COLUMN score_notes.score IS 'Which score: confidence, reliability, boosted.';
COMMENT ON COLUMN score_notes.horizon IS 'Bars after the confirmation.';
COMMENT ON COLUMN score_notes.increasing IS 'Whether the share right was seen to rise with the level: slope_low above 0. Null where too little is known.';
COMMENT ON COLUMN score_notes.slope IS 'Change of the share right from a level to the next.';
COMMENT ON COLUMN score_notes.slope_low IS 'Lower bound of slope, 95 %.';
COMMENT ON COLUMN score_notes.slope_high IS 'Upper bound of slope.';
COMMENT ON COLUMN score_notes.trend_p IS 'p of there being no trend, two-sided.';
COMMENT ON COLUMN score_notes.walk_slope IS 'The same slope on the random walks: none but by chance.';
COMMENT ON COLUMN score_notes.walk_trend_p IS 'Its p.';
COMMENT ON COLUMN score_notes.note IS 'What the levels say, as a sentence.';
COMMENT ON COLUMN score_notes.as_of IS 'Moment up to which outcomes were known.';
COMMENT ON COLUMN score_notes.configuration_version IS 'Version of the configuration (pattern_configurations).';
