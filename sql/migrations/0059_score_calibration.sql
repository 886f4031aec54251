-- How often scores were right at each of their levels, and how far patterns stand off chance.

CREATE TABLE IF NOT EXISTS score_calibration_stats (
    ts timestamptz NOT NULL,
    timeframe_id smallint NOT NULL,
    score text NOT NULL,
    horizon smallint NOT NULL,
    level text NOT NULL,
    logic_version integer NOT NULL,
    configuration_version integer NOT NULL,
    place smallint NOT NULL,
    n bigint NOT NULL,
    evidence bigint NOT NULL,
    clusters bigint NOT NULL,
    mean_score double precision NOT NULL,
    predicted double precision,
    right_share double precision NOT NULL,
    right_low double precision NOT NULL,
    right_high double precision NOT NULL,
    paid_share double precision NOT NULL,
    paid_low double precision NOT NULL,
    paid_high double precision NOT NULL,
    mean_atr double precision,
    mean_atr_low double precision,
    mean_atr_high double precision,
    base_rate double precision NOT NULL,
    walk_evidence bigint NOT NULL,
    walk_clusters bigint NOT NULL,
    walk_right double precision,
    walk_low double precision,
    walk_high double precision,
    walk_paid double precision,
    walk_mean_atr double precision,
    slope double precision,
    slope_low double precision,
    slope_high double precision,
    trend_p double precision,
    increasing boolean,
    walk_slope double precision,
    walk_trend_p double precision,
    note text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (ts, timeframe_id, score, horizon, level, logic_version, configuration_version)
);
COMMENT ON TABLE score_calibration_stats IS 'How often patterns were right at each level of each score, on the newest bars as known at the end of a day, over all tracked instruments, beside the same on random walks. The view score_calibration shows the newest.';
COMMENT ON COLUMN score_calibration_stats.ts IS 'Moment up to which outcomes were known: the end of a UTC day.';
COMMENT ON COLUMN score_calibration_stats.timeframe_id IS 'Length of the bars (timeframes).';
COMMENT ON COLUMN score_calibration_stats.score IS 'Which score: confidence, reliability, boosted.';
COMMENT ON COLUMN score_calibration_stats.horizon IS 'Bars after the confirmation.';
COMMENT ON COLUMN score_calibration_stats.level IS 'Level of the score; none where too little was known for a level.';
COMMENT ON COLUMN score_calibration_stats.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN score_calibration_stats.configuration_version IS 'Version of the configuration (pattern_configurations).';
COMMENT ON COLUMN score_calibration_stats.place IS 'Order of the level, 1 for the lowest; 0 for none.';
COMMENT ON COLUMN score_calibration_stats.n IS 'Pattern events, by name.';
COMMENT ON COLUMN score_calibration_stats.evidence IS 'Pieces of evidence: events of one bar, direction and shape count once, with the score of the surest.';
COMMENT ON COLUMN score_calibration_stats.clusters IS 'Stretches of time, one horizon long, that they fell into: the independent observations.';
COMMENT ON COLUMN score_calibration_stats.mean_score IS 'Mean of the score, in its own units.';
COMMENT ON COLUMN score_calibration_stats.predicted IS 'What the score promises, 0 to 1: its mean where it claims to be a probability, else null.';
COMMENT ON COLUMN score_calibration_stats.right_share IS 'Share with a return the pattern''s way, 0 to 1; a return of 0 is not.';
COMMENT ON COLUMN score_calibration_stats.right_low IS 'Lower bound of right_share (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN score_calibration_stats.right_high IS 'Upper bound of right_share.';
COMMENT ON COLUMN score_calibration_stats.paid_share IS 'Share with a return the pattern''s way above the costs of a round trip (the configuration''s fee and slippage).';
COMMENT ON COLUMN score_calibration_stats.paid_low IS 'Lower bound of paid_share.';
COMMENT ON COLUMN score_calibration_stats.paid_high IS 'Upper bound of paid_share.';
COMMENT ON COLUMN score_calibration_stats.mean_atr IS 'Mean return the pattern''s way, in ATR, before costs; null without ATRs.';
COMMENT ON COLUMN score_calibration_stats.mean_atr_low IS 'Lower bound of mean_atr (cluster bootstrap, 95 %); null with few clusters.';
COMMENT ON COLUMN score_calibration_stats.mean_atr_high IS 'Upper bound of mean_atr.';
COMMENT ON COLUMN score_calibration_stats.base_rate IS 'right_share of all levels of the score together.';
COMMENT ON COLUMN score_calibration_stats.walk_evidence IS 'Pieces of evidence on random walks of the same volatility, scored by the same code.';
COMMENT ON COLUMN score_calibration_stats.walk_clusters IS 'Their clusters.';
COMMENT ON COLUMN score_calibration_stats.walk_right IS 'Their share right: what chance achieves at this level.';
COMMENT ON COLUMN score_calibration_stats.walk_low IS 'Lower bound of walk_right.';
COMMENT ON COLUMN score_calibration_stats.walk_high IS 'Upper bound of walk_right.';
COMMENT ON COLUMN score_calibration_stats.walk_paid IS 'Their share right above costs.';
COMMENT ON COLUMN score_calibration_stats.walk_mean_atr IS 'Their mean return, in ATR.';
COMMENT ON COLUMN score_calibration_stats.slope IS 'Change of right_share from a level to the next, over all levels (Cochran-Armitage, by clusters); null where fewer than two levels have 30 clusters.';
COMMENT ON COLUMN score_calibration_stats.slope_low IS 'Lower bound of slope, 95 %.';
COMMENT ON COLUMN score_calibration_stats.slope_high IS 'Upper bound of slope.';
COMMENT ON COLUMN score_calibration_stats.trend_p IS 'p of there being no trend, two-sided.';
COMMENT ON COLUMN score_calibration_stats.increasing IS 'Whether the share right was seen to rise with the level: slope_low above 0. Null where too little is known.';
COMMENT ON COLUMN score_calibration_stats.walk_slope IS 'The same slope on the random walks: none but by chance.';
COMMENT ON COLUMN score_calibration_stats.walk_trend_p IS 'Its p.';
COMMENT ON COLUMN score_calibration_stats.note IS 'What the levels say, as a sentence.';
COMMENT ON COLUMN score_calibration_stats.created_at IS 'When the present values were made.';

CREATE INDEX IF NOT EXISTS score_calibration_stats_by_timeframe
    ON score_calibration_stats (timeframe_id, logic_version, configuration_version, ts);

ALTER TABLE pattern_performance_stats
    ADD COLUMN IF NOT EXISTS effect double precision,
    ADD COLUMN IF NOT EXISTS effect_low double precision,
    ADD COLUMN IF NOT EXISTS effect_high double precision,
    ADD COLUMN IF NOT EXISTS cohens_h double precision,
    ADD COLUMN IF NOT EXISTS effective_n double precision,
    ADD COLUMN IF NOT EXISTS walk_effective_n double precision,
    ADD COLUMN IF NOT EXISTS p_value double precision,
    ADD COLUMN IF NOT EXISTS q_value double precision,
    ADD COLUMN IF NOT EXISTS first_clusters bigint,
    ADD COLUMN IF NOT EXISTS first_effect double precision,
    ADD COLUMN IF NOT EXISTS second_clusters bigint,
    ADD COLUMN IF NOT EXISTS second_effect double precision,
    ADD COLUMN IF NOT EXISTS sign_holds boolean;
COMMENT ON COLUMN pattern_performance_stats.effect IS 'Share right beyond chance: less the larger of walk_rate and base_rate where above both, less the smaller where below both, 0 between them; null without a walk.';
COMMENT ON COLUMN pattern_performance_stats.effect_low IS 'Lower bound of effect (Newcombe, 95 %, by effective_n).';
COMMENT ON COLUMN pattern_performance_stats.effect_high IS 'Upper bound of effect.';
COMMENT ON COLUMN pattern_performance_stats.cohens_h IS 'The same distance on the scale where every difference is as easy to see (Cohen 1988): 0.2 is small, 0.5 medium.';
COMMENT ON COLUMN pattern_performance_stats.effective_n IS 'Independent observations that the share is worth, by the variance of its clusters and their neighbours.';
COMMENT ON COLUMN pattern_performance_stats.walk_effective_n IS 'The same of the random walks.';
COMMENT ON COLUMN pattern_performance_stats.p_value IS 'Of there being no effect (two-sided, beyond walk and base rate both); null with fewer than 30 clusters on either side.';
COMMENT ON COLUMN pattern_performance_stats.q_value IS 'p_value adjusted for all rows of the table (Benjamini-Hochberg 1995): the share of false ones among all named up to it.';
COMMENT ON COLUMN pattern_performance_stats.first_clusters IS 'Clusters in the first half of the window; null in rows of rules that did not tell.';
COMMENT ON COLUMN pattern_performance_stats.first_effect IS 'Effect in the first half of the window, against walk and base rate of that half; null where one is missing.';
COMMENT ON COLUMN pattern_performance_stats.second_clusters IS 'Clusters in the second half.';
COMMENT ON COLUMN pattern_performance_stats.second_effect IS 'Effect in the second half.';
COMMENT ON COLUMN pattern_performance_stats.sign_holds IS 'Whether both halves have the sign of the whole; null where one is untold.';
