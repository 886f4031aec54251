CREATE OR REPLACE VIEW signal_performance AS
SELECT
    v.grouped_by, v.value, v.n, v.clusters, v.target_share, v.target_low, v.target_high, v.stopped_share,
    v.stopped_low, v.stopped_high, v.expired_share, v.expired_low, v.expired_high, v.closed_share, v.closed_low,
    v.closed_high, v.mean_gross_pct, v.mean_net_pct, v.mean_net_low, v.mean_net_high, v.median_net_pct,
    v.median_net_low, v.median_net_high, v.profit_factor, v.expectancy_r, v.drawdown_pct, v.mean_bars, v.mean_hours,
    v.walk_n, v.walk_clusters, v.walk_target_share, v.walk_stopped_share, v.walk_mean_net_pct, v.walk_mean_net_low,
    v.walk_mean_net_high, v.walk_profit_factor, v.walk_expectancy_r, v.random_mean_net_pct, v.random_mean_net_low,
    v.random_mean_net_high, v.hold_net_pct, v.hold_pct_per_hour, v.net_pct_per_hour, v.verdict, v.comparisons,
    format(
        '%s: %s %% a signal after costs (%s to %s) in %s; random walks %s %%, random entries %s %%',
        v.verdict, round(v.mean_net_pct::numeric, 3), coalesce(round(v.mean_net_low::numeric, 3)::text, '?'),
        coalesce(round(v.mean_net_high::numeric, 3)::text, '?'), v.n,
        coalesce(round(v.walk_mean_net_pct::numeric, 3)::text, '?'), round(v.random_mean_net_pct::numeric, 3)
    ) AS in_words,
    v.ts AS as_of, v.configuration_version, v.logic_version
FROM (
    SELECT n.logic_version, n.configuration_version, n.ts FROM signal_performance_stats AS n
    WHERE n.logic_version > 0
    ORDER BY n.logic_version DESC, n.configuration_version DESC, n.ts DESC LIMIT 1
) AS newest
JOIN signal_performance_stats AS v USING (logic_version, configuration_version, ts);
COMMENT ON VIEW signal_performance IS 'How signals did after costs, by group, beside random walks, random entries and holding: the newest statistics. Those of other days are in signal_performance_stats.';
COMMENT ON COLUMN signal_performance.grouped_by IS 'By what signals are put together: all, signal, side, trigger, timeframe, regime, symbol or month.';
COMMENT ON COLUMN signal_performance.value IS 'Which of them: a name of a signal, a pattern, 15m, up, untold, binance BTC/USDT, 2026-01; all.';
COMMENT ON COLUMN signal_performance.n IS 'Signals that were entered and decided by then, of the year before.';
COMMENT ON COLUMN signal_performance.clusters IS 'Stretches of time that they fell into, over all symbols: the independent observations.';
COMMENT ON COLUMN signal_performance.target_share IS 'Share that reached their target, 0 to 1.';
COMMENT ON COLUMN signal_performance.target_low IS 'Lower bound of target_share (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN signal_performance.target_high IS 'Upper bound of target_share.';
COMMENT ON COLUMN signal_performance.stopped_share IS 'Share that were stopped, 0 to 1.';
COMMENT ON COLUMN signal_performance.stopped_low IS 'Lower bound of stopped_share (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN signal_performance.stopped_high IS 'Upper bound of stopped_share.';
COMMENT ON COLUMN signal_performance.expired_share IS 'Share that expired, 0 to 1.';
COMMENT ON COLUMN signal_performance.expired_low IS 'Lower bound of expired_share (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN signal_performance.expired_high IS 'Upper bound of expired_share.';
COMMENT ON COLUMN signal_performance.closed_share IS 'Share that were closed by a later signal the other way, 0 to 1.';
COMMENT ON COLUMN signal_performance.closed_low IS 'Lower bound of closed_share (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN signal_performance.closed_high IS 'Upper bound of closed_share.';
COMMENT ON COLUMN signal_performance.mean_gross_pct IS 'Mean return the signal''s way before costs, in per cent.';
COMMENT ON COLUMN signal_performance.mean_net_pct IS 'Mean return after costs, in per cent.';
COMMENT ON COLUMN signal_performance.mean_net_low IS 'Lower bound of mean_net_pct (cluster bootstrap, 95 %); null with few clusters.';
COMMENT ON COLUMN signal_performance.mean_net_high IS 'Upper bound of mean_net_pct.';
COMMENT ON COLUMN signal_performance.median_net_pct IS 'Median return after costs, in per cent.';
COMMENT ON COLUMN signal_performance.median_net_low IS 'Lower bound of median_net_pct; null likewise.';
COMMENT ON COLUMN signal_performance.median_net_high IS 'Upper bound of median_net_pct.';
COMMENT ON COLUMN signal_performance.profit_factor IS 'Sum of gains over sum of losses, after costs; null without losses.';
COMMENT ON COLUMN signal_performance.expectancy_r IS 'Mean return after costs in units of the planned risk; null without plans.';
COMMENT ON COLUMN signal_performance.drawdown_pct IS 'Deepest fall, in per cent, of the account that takes each of them at its size, one after another as they are left.';
COMMENT ON COLUMN signal_performance.mean_bars IS 'Mean number of bars they were held.';
COMMENT ON COLUMN signal_performance.mean_hours IS 'Mean time they were held, in hours.';
COMMENT ON COLUMN signal_performance.walk_n IS 'Signals on random walks beside the newest bars, given and followed by the same code.';
COMMENT ON COLUMN signal_performance.walk_clusters IS 'Stretches of time of those.';
COMMENT ON COLUMN signal_performance.walk_target_share IS 'Share of those that reached their target.';
COMMENT ON COLUMN signal_performance.walk_stopped_share IS 'Share of those that were stopped.';
COMMENT ON COLUMN signal_performance.walk_mean_net_pct IS 'Their mean return after costs, in per cent.';
COMMENT ON COLUMN signal_performance.walk_mean_net_low IS 'Lower bound of walk_mean_net_pct.';
COMMENT ON COLUMN signal_performance.walk_mean_net_high IS 'Upper bound of walk_mean_net_pct.';
COMMENT ON COLUMN signal_performance.walk_profit_factor IS 'Their profit factor.';
COMMENT ON COLUMN signal_performance.walk_expectancy_r IS 'Their expectancy in units of the planned risk.';
COMMENT ON COLUMN signal_performance.random_mean_net_pct IS 'Mean return after costs of as many entries of the same sides and lengths at random bars of the same symbols, over all draws.';
COMMENT ON COLUMN signal_performance.random_mean_net_low IS 'Lower bound of it (95 % of the draws).';
COMMENT ON COLUMN signal_performance.random_mean_net_high IS 'Upper bound of it.';
COMMENT ON COLUMN signal_performance.hold_net_pct IS 'Return of holding each symbol from its first entry to its last exit, costs once, mean of the symbols, in per cent.';
COMMENT ON COLUMN signal_performance.hold_pct_per_hour IS 'The same per hour.';
COMMENT ON COLUMN signal_performance.net_pct_per_hour IS 'Return of the signals after costs per hour that they were held.';
COMMENT ON COLUMN signal_performance.verdict IS 'Of mean_net_pct: no demonstrated edge, above chance or below chance; above chance is a gain only where mean_net_low is above 0.';
COMMENT ON COLUMN signal_performance.comparisons IS 'Rows of the same table of results: at 95 %, one in twenty looks like an edge by chance.';
COMMENT ON COLUMN signal_performance.in_words IS 'verdict and the figures behind it, as a sentence.';
COMMENT ON COLUMN signal_performance.as_of IS 'Moment up to which outcomes were known: the end of a UTC day.';
COMMENT ON COLUMN signal_performance.configuration_version IS 'Version of the configuration (pattern_configurations).';
COMMENT ON COLUMN signal_performance.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
