CREATE OR REPLACE VIEW pattern_performance AS
SELECT t.timeframe, v.family, v.pattern, v.direction, coalesce(nullif(v.regime, ''), 'all') AS regime,
    v.horizon, v.n, v.clusters, v.hit_rate, v.hit_low, v.hit_high, v.base_rate, v.shrunk_rate, v.mean_atr,
    v.mean_atr_low, v.mean_atr_high, v.median_atr, v.median_atr_low, v.median_atr_high, v.favourable_atr,
    v.adverse_atr, v.target_n, v.target_rate, v.target_low, v.target_high, v.ambiguous, v.walk_n,
    v.walk_clusters, v.walk_rate, v.walk_low, v.walk_high, v.walk_mean_atr, v.walk_target_clusters,
    v.walk_target_rate, v.walk_target_low, v.walk_target_high, v.effect,
    v.effect_low, v.effect_high, v.cohens_h, v.effective_n, v.walk_effective_n, v.p_value, v.q_value,
    v.first_clusters, v.first_effect, v.second_clusters, v.second_effect, v.sign_holds, v.verdict, v.target_verdict,
    format(
        '%s: right in %s %% of %s (%s to %s %%); random walks %s %%, all patterns %s %%',
        v.verdict, round((100 * v.hit_rate)::numeric, 1), v.n, round((100 * v.hit_low)::numeric, 1),
        round((100 * v.hit_high)::numeric, 1), coalesce(round((100 * v.walk_rate)::numeric, 1)::text, '?'),
        round((100 * v.base_rate)::numeric, 1)
    ) AS in_words,
    v.failures, v.hints, v.comparisons, v.ts AS as_of, v.configuration_version, v.logic_version
FROM timeframes AS t
CROSS JOIN LATERAL (
    SELECT n.logic_version, n.configuration_version, n.ts FROM pattern_performance_stats AS n
    WHERE n.timeframe_id = t.timeframe_id AND n.logic_version > 0
    ORDER BY n.logic_version DESC, n.configuration_version DESC, n.ts DESC LIMIT 1
) AS newest
JOIN pattern_performance_stats AS v USING (logic_version, configuration_version, ts)
WHERE v.timeframe_id = t.timeframe_id;
COMMENT ON VIEW pattern_performance IS 'How patterns did, over all tracked symbols, beside what the same patterns do on random walks: the newest statistics of each timeframe. Those of other days are in pattern_performance_stats.';
COMMENT ON COLUMN pattern_performance.timeframe IS 'Length of the bars.';
COMMENT ON COLUMN pattern_performance.family IS 'candlestick, chart or volume.';
COMMENT ON COLUMN pattern_performance.pattern IS 'Name of the pattern within its family.';
COMMENT ON COLUMN pattern_performance.direction IS 'bullish or bearish: what is neutral is neither right nor wrong.';
COMMENT ON COLUMN pattern_performance.regime IS 'Trend at the confirmation: up, down or range; all for all of them, the untold included.';
COMMENT ON COLUMN pattern_performance.horizon IS 'Bars after the confirmation.';
COMMENT ON COLUMN pattern_performance.n IS 'Outcomes known by then.';
COMMENT ON COLUMN pattern_performance.clusters IS 'Stretches of time, one horizon long, that they fell into: the independent observations.';
COMMENT ON COLUMN pattern_performance.hit_rate IS 'Share with a return the pattern''s way, 0 to 1.';
COMMENT ON COLUMN pattern_performance.hit_low IS 'Lower bound of hit_rate (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN pattern_performance.hit_high IS 'Upper bound of hit_rate.';
COMMENT ON COLUMN pattern_performance.base_rate IS 'hit_rate of all patterns of this direction on this timeframe, in a regime of those in it.';
COMMENT ON COLUMN pattern_performance.shrunk_rate IS 'hit_rate, drawn toward base_rate (of a regime: toward the pattern''s own over all, moved as base_rate is from all regimes to this one) the more, the fewer the clusters.';
COMMENT ON COLUMN pattern_performance.mean_atr IS 'Mean return the pattern''s way, in ATR; null without ATRs.';
COMMENT ON COLUMN pattern_performance.mean_atr_low IS 'Lower bound of mean_atr (cluster bootstrap, 95 %); null with few clusters.';
COMMENT ON COLUMN pattern_performance.mean_atr_high IS 'Upper bound of mean_atr.';
COMMENT ON COLUMN pattern_performance.median_atr IS 'Median return the pattern''s way, in ATR.';
COMMENT ON COLUMN pattern_performance.median_atr_low IS 'Lower bound of median_atr (cluster bootstrap, 95 %); null with few clusters.';
COMMENT ON COLUMN pattern_performance.median_atr_high IS 'Upper bound of median_atr.';
COMMENT ON COLUMN pattern_performance.favourable_atr IS 'Mean of the farthest the pattern''s way, in ATR.';
COMMENT ON COLUMN pattern_performance.adverse_atr IS 'Mean of the farthest against it, in ATR.';
COMMENT ON COLUMN pattern_performance.target_n IS 'Outcomes with a target and an invalidation on their sides of the entry.';
COMMENT ON COLUMN pattern_performance.target_rate IS 'Share of them in which the target came first, within the horizon.';
COMMENT ON COLUMN pattern_performance.target_low IS 'Lower bound of target_rate (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN pattern_performance.target_high IS 'Upper bound of target_rate.';
COMMENT ON COLUMN pattern_performance.ambiguous IS 'Share of them in which one bar touched both; counted as the invalidation.';
COMMENT ON COLUMN pattern_performance.walk_n IS 'Outcomes of the same pattern on random walks of the same volatility, over all regimes in every row: a walk has no drift.';
COMMENT ON COLUMN pattern_performance.walk_clusters IS 'Their clusters.';
COMMENT ON COLUMN pattern_performance.walk_rate IS 'Their hit rate: what chance achieves, with no drift.';
COMMENT ON COLUMN pattern_performance.walk_low IS 'Lower bound of walk_rate.';
COMMENT ON COLUMN pattern_performance.walk_high IS 'Upper bound of walk_rate.';
COMMENT ON COLUMN pattern_performance.walk_mean_atr IS 'Their mean return, in ATR.';
COMMENT ON COLUMN pattern_performance.walk_target_clusters IS 'Clusters of those with levels.';
COMMENT ON COLUMN pattern_performance.walk_target_rate IS 'Their target rate.';
COMMENT ON COLUMN pattern_performance.walk_target_low IS 'Lower bound of walk_target_rate.';
COMMENT ON COLUMN pattern_performance.walk_target_high IS 'Upper bound of walk_target_rate.';
COMMENT ON COLUMN pattern_performance.effect IS 'Share right beyond chance: less the larger of walk_rate and base_rate where above both, less the smaller where below both, 0 between them; null without a walk.';
COMMENT ON COLUMN pattern_performance.effect_low IS 'Lower bound of effect (Newcombe, 95 %, by effective_n).';
COMMENT ON COLUMN pattern_performance.effect_high IS 'Upper bound of effect.';
COMMENT ON COLUMN pattern_performance.cohens_h IS 'The same distance on the scale where every difference is as easy to see (Cohen 1988): 0.2 is small, 0.5 medium.';
COMMENT ON COLUMN pattern_performance.effective_n IS 'Independent observations that the share is worth, by the variance of its clusters and their neighbours.';
COMMENT ON COLUMN pattern_performance.walk_effective_n IS 'The same of the random walks.';
COMMENT ON COLUMN pattern_performance.p_value IS 'Of there being no effect (two-sided, beyond walk and base rate both); null with fewer than 30 clusters on either side.';
COMMENT ON COLUMN pattern_performance.q_value IS 'p_value adjusted for all rows of the table (Benjamini-Hochberg 1995): the share of false ones among all named up to it.';
COMMENT ON COLUMN pattern_performance.first_clusters IS 'Clusters in the first half of the window; null in rows of rules that did not tell.';
COMMENT ON COLUMN pattern_performance.first_effect IS 'Effect in the first half of the window, against walk and base rate of that half; null where one is missing.';
COMMENT ON COLUMN pattern_performance.second_clusters IS 'Clusters in the second half.';
COMMENT ON COLUMN pattern_performance.second_effect IS 'Effect in the second half.';
COMMENT ON COLUMN pattern_performance.sign_holds IS 'Whether both halves have the sign of the whole; null where one is untold.';
COMMENT ON COLUMN pattern_performance.verdict IS 'Of the hit rate: above or below chance where q_value is 0.05 at most and the interval of effect is on one side of 0; else no demonstrated edge.';
COMMENT ON COLUMN pattern_performance.target_verdict IS 'Of the target rate, beside the walks alone, so that a drift shows in it; null without levels.';
COMMENT ON COLUMN pattern_performance.in_words IS 'The verdict with its figures as a sentence.';
COMMENT ON COLUMN pattern_performance.failures IS 'How the failures failed: counts, shares and distances; docs/pattern_performance.md defines them.';
COMMENT ON COLUMN pattern_performance.hints IS 'What to change, each with the numbers it follows from; empty where nothing stands out from chance.';
COMMENT ON COLUMN pattern_performance.comparisons IS 'Rows of the same table of results: at 95 %, one in twenty looks like an edge by chance.';
COMMENT ON COLUMN pattern_performance.as_of IS 'Moment up to which outcomes were known: the end of a UTC day.';
COMMENT ON COLUMN pattern_performance.configuration_version IS 'Version of the configuration (pattern_configurations).';
COMMENT ON COLUMN pattern_performance.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
