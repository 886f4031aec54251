CREATE OR REPLACE VIEW volume_reactions AS
SELECT v.venue, t.timeframe,
    v.pattern, v.direction, v.strength, v.regime, v.horizon, v.n, v.clusters, v.share_up, v.share_up_low,
    v.share_up_high, v.mean_pct, v.mean_pct_low, v.mean_pct_high, v.median_pct, v.median_pct_low,
    v.median_pct_high, v.mean_atr, v.base_n, v.base_share_up, v.base_mean_pct, v.base_mean_atr, v.edge,
    v.comparisons, v.known_at, v.logic_version,
    v.ts AS as_of
FROM volume_reaction_stats AS v
JOIN timeframes AS t USING (timeframe_id)
WHERE (v.logic_version, v.ts) = (
    SELECT n.logic_version, n.ts FROM volume_reaction_stats AS n
    WHERE n.venue = v.venue AND n.logic_version > 0
    ORDER BY n.logic_version DESC, n.ts DESC LIMIT 1
);
COMMENT ON VIEW volume_reactions IS 'What price did after volume patterns, with intervals and the base rate: the newest statistics of each venue. Those of other days are in volume_reaction_stats.';
COMMENT ON COLUMN volume_reactions.venue IS 'Venue.';
COMMENT ON COLUMN volume_reactions.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN volume_reactions.pattern IS 'Volume pattern (volume_pattern_events).';
COMMENT ON COLUMN volume_reactions.direction IS 'bullish, bearish or neutral.';
COMMENT ON COLUMN volume_reactions.strength IS 'weak, medium, strong, extreme, or all.';
COMMENT ON COLUMN volume_reactions.regime IS 'Trend when the pattern was known: up, down, range, unknown, or all.';
COMMENT ON COLUMN volume_reactions.horizon IS 'Bars after the bar of the pattern.';
COMMENT ON COLUMN volume_reactions.n IS 'Reactions.';
COMMENT ON COLUMN volume_reactions.clusters IS 'Stretches of time of one horizon with a reaction: the independent ones.';
COMMENT ON COLUMN volume_reactions.share_up IS 'Share of reactions with a return above 0.';
COMMENT ON COLUMN volume_reactions.share_up_low IS 'Lower bound of share_up (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN volume_reactions.share_up_high IS 'Upper bound of share_up.';
COMMENT ON COLUMN volume_reactions.mean_pct IS 'Mean return, in per cent.';
COMMENT ON COLUMN volume_reactions.mean_pct_low IS 'Lower bound of mean_pct (cluster bootstrap, 95 %); null with a single cluster.';
COMMENT ON COLUMN volume_reactions.mean_pct_high IS 'Upper bound of mean_pct.';
COMMENT ON COLUMN volume_reactions.median_pct IS 'Median return, in per cent.';
COMMENT ON COLUMN volume_reactions.median_pct_low IS 'Lower bound of median_pct (cluster bootstrap, 95 %); null with a single cluster.';
COMMENT ON COLUMN volume_reactions.median_pct_high IS 'Upper bound of median_pct.';
COMMENT ON COLUMN volume_reactions.mean_atr IS 'Mean return in ATR of the bar; null where nothing moved.';
COMMENT ON COLUMN volume_reactions.base_n IS 'Bars the base rates are from: all bars of the same symbols.';
COMMENT ON COLUMN volume_reactions.base_share_up IS 'Share of them with a return above 0: the base rate.';
COMMENT ON COLUMN volume_reactions.base_mean_pct IS 'Their mean return, in per cent.';
COMMENT ON COLUMN volume_reactions.base_mean_atr IS 'Their mean return in ATR.';
COMMENT ON COLUMN volume_reactions.edge IS 'no demonstrated edge, above base rate or below base rate.';
COMMENT ON COLUMN volume_reactions.comparisons IS 'Rows of the same table of results: at 95 %, one in twenty looks like an edge by chance.';
COMMENT ON COLUMN volume_reactions.known_at IS 'When it could first be known: ts.';
COMMENT ON COLUMN volume_reactions.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN volume_reactions.as_of IS 'End of the day up to which outcomes were known.';
