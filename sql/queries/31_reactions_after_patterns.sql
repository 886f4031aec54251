-- How did price react after a volume pattern?
-- horizon: bars later; share_up with its bounds (Wilson, 95 %) beside base_share_up, that of all bars; mean_pct with its
-- bounds (bootstrap) beside base_mean_pct; clusters: independent stretches of time, fewer than n where patterns crowd.
-- Of so many comparisons one in twenty looks like an edge by chance.
-- Change: the pattern, the timeframe; strength or regime instead of all.
SELECT venue, timeframe, direction, horizon, n, clusters, share_up, share_up_low, share_up_high, base_share_up,
    mean_pct, mean_pct_low, mean_pct_high, base_mean_pct, base_n, edge, comparisons
FROM volume_reactions
WHERE pattern = 'spike' AND timeframe = '5m' AND strength = 'all' AND regime = 'all'
ORDER BY venue, direction, horizon;
