-- What came of signals: states with their times, returns, excursions; how signals did beside chance, and what following
-- them would have made of an account. ts of an outcome is that of its signal; rows carry the versions of both rules.

CREATE TABLE IF NOT EXISTS signal_outcome_events (
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    logic_version integer NOT NULL,
    configuration_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    signal text NOT NULL,
    side text NOT NULL,
    trigger text NOT NULL,
    regime text,
    told_at timestamptz NOT NULL,
    planned_entry double precision NOT NULL,
    stop double precision,
    target double precision,
    expires_at timestamptz NOT NULL,
    size double precision,
    state text NOT NULL,
    entry_at timestamptz,
    entry double precision,
    closed_at timestamptz,
    exit double precision,
    bars bigint,
    ambiguous boolean,
    resolution text,
    gross_pct double precision,
    cost_pct double precision,
    gross_r double precision,
    cost_r double precision,
    favourable_pct double precision,
    adverse_pct double precision,
    favourable_r double precision,
    adverse_r double precision,
    remark text,
    signal_version integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, timeframe_id, ts, logic_version, configuration_version)
);
COMMENT ON TABLE signal_outcome_events IS 'What came of each signal that is not neutral, entered at the next bar''s open. Old versions stay. The view signal_outcomes shows those of the signals shown.';
COMMENT ON COLUMN signal_outcome_events.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN signal_outcome_events.timeframe_id IS 'Length of the bars (timeframes).';
COMMENT ON COLUMN signal_outcome_events.ts IS 'Open time of the bar whose close told the signal.';
COMMENT ON COLUMN signal_outcome_events.logic_version IS 'Version of the rules that followed it; below 0: a trial beside them.';
COMMENT ON COLUMN signal_outcome_events.configuration_version IS 'Configuration of the signal, and of the costs (pattern_configurations).';
COMMENT ON COLUMN signal_outcome_events.known_at IS 'Close of the bar that decided. While open: close of the bar of the entry, and before there is one, when the signal was known.';
COMMENT ON COLUMN signal_outcome_events.signal IS 'strong_buy, buy, weak_buy, weak_sell, sell or strong_sell.';
COMMENT ON COLUMN signal_outcome_events.side IS 'buy or sell.';
COMMENT ON COLUMN signal_outcome_events.trigger IS 'The pattern that gave the signal.';
COMMENT ON COLUMN signal_outcome_events.regime IS 'Trend at the signal''s bar (market_regimes.trend): up, down or range; null where not told.';
COMMENT ON COLUMN signal_outcome_events.told_at IS 'When the signal was known: the close of its bar.';
COMMENT ON COLUMN signal_outcome_events.planned_entry IS 'Entry that the plan was made for: the close of the signal''s bar, in quote units.';
COMMENT ON COLUMN signal_outcome_events.stop IS 'Price at which the signal is wrong, in quote units; null of a signal without a plan.';
COMMENT ON COLUMN signal_outcome_events.target IS 'Price it aims at, in quote units; null likewise.';
COMMENT ON COLUMN signal_outcome_events.expires_at IS 'When its time is over.';
COMMENT ON COLUMN signal_outcome_events.size IS 'Size of the position, in base units; null without a plan.';
COMMENT ON COLUMN signal_outcome_events.state IS 'open, stopped, target, expired, or closed by a later signal the other way.';
COMMENT ON COLUMN signal_outcome_events.entry_at IS 'Open time of the first bar after the signal; null before there is one.';
COMMENT ON COLUMN signal_outcome_events.entry IS 'Open of that bar, in quote units: where it is entered.';
COMMENT ON COLUMN signal_outcome_events.closed_at IS 'When it was left: at the open of a bar where that jumped over a level or came too late, else at the close of the bar that decided. This and what follows is null while open.';
COMMENT ON COLUMN signal_outcome_events.exit IS 'Price at which it was left, in quote units; null of one that was over before a bar could enter it.';
COMMENT ON COLUMN signal_outcome_events.bars IS 'Bars from the entry to the one that decided, both counted.';
COMMENT ON COLUMN signal_outcome_events.ambiguous IS 'Whether one bar touched stop and target in an order that nobody knows: the stop counts.';
COMMENT ON COLUMN signal_outcome_events.resolution IS 'Bars that told which level came first: the timeframe, or 1m where one bar touched both and minutes told.';
COMMENT ON COLUMN signal_outcome_events.gross_pct IS 'Return the signal''s way from entry to exit, in per cent.';
COMMENT ON COLUMN signal_outcome_events.cost_pct IS 'Fees and slippage of both sides, in per cent: the net return is less by so much.';
COMMENT ON COLUMN signal_outcome_events.gross_r IS 'The return in units of the planned risk (planned entry to stop); null without a plan.';
COMMENT ON COLUMN signal_outcome_events.cost_r IS 'The costs in these units.';
COMMENT ON COLUMN signal_outcome_events.favourable_pct IS 'Farthest the signal''s way before the exit, in per cent, 0 or more; of the bar that decided the exit alone counts.';
COMMENT ON COLUMN signal_outcome_events.adverse_pct IS 'Farthest against it, likewise.';
COMMENT ON COLUMN signal_outcome_events.favourable_r IS 'favourable_pct in units of the planned risk.';
COMMENT ON COLUMN signal_outcome_events.adverse_r IS 'adverse_pct in units of the planned risk.';
COMMENT ON COLUMN signal_outcome_events.remark IS 'gap: bars are missing in its life, so that it took longer or was over before a bar told; else null.';
COMMENT ON COLUMN signal_outcome_events.signal_version IS 'Version of the rules that gave the signal (signal_events.logic_version).';
COMMENT ON COLUMN signal_outcome_events.created_at IS 'When the present values were made.';

-- those that bars of any later time may still decide, or did after a gap
CREATE INDEX IF NOT EXISTS signal_outcome_events_undecided ON signal_outcome_events (instrument_id, timeframe_id, ts)
WHERE state = 'open' OR remark IS NOT NULL;
-- signals_now asks for those whose time is not over
CREATE INDEX IF NOT EXISTS signal_events_by_end ON signal_events (expires_at);

INSERT INTO derived_datasets (dataset, description) VALUES
    ('signal_outcomes', 'What came of signals (signal_outcome_events).')
ON CONFLICT (dataset) DO NOTHING;

-- signals that are there already are due
INSERT INTO derived_dirty (dataset, instrument_id, day)
SELECT DISTINCT 'signal_outcomes', instrument_id, (ts AT TIME ZONE 'UTC')::date FROM signal_events
ON CONFLICT (dataset, instrument_id, day) DO NOTHING;

CALL keep_in_chunks(
    'signal_outcome_events', '7 days', 'instrument_id, timeframe_id, logic_version, configuration_version', 'ts', '30 days'
);

CREATE TABLE IF NOT EXISTS signal_performance_stats (
    ts timestamptz NOT NULL,
    grouped_by text NOT NULL,
    value text NOT NULL,
    logic_version integer NOT NULL,
    configuration_version integer NOT NULL,
    n bigint NOT NULL,
    clusters bigint NOT NULL,
    target_share double precision NOT NULL,
    target_low double precision NOT NULL,
    target_high double precision NOT NULL,
    stopped_share double precision NOT NULL,
    stopped_low double precision NOT NULL,
    stopped_high double precision NOT NULL,
    expired_share double precision NOT NULL,
    expired_low double precision NOT NULL,
    expired_high double precision NOT NULL,
    closed_share double precision NOT NULL,
    closed_low double precision NOT NULL,
    closed_high double precision NOT NULL,
    mean_gross_pct double precision NOT NULL,
    mean_net_pct double precision NOT NULL,
    mean_net_low double precision,
    mean_net_high double precision,
    median_net_pct double precision NOT NULL,
    median_net_low double precision,
    median_net_high double precision,
    profit_factor double precision,
    expectancy_r double precision,
    drawdown_pct double precision NOT NULL,
    mean_bars double precision NOT NULL,
    mean_hours double precision NOT NULL,
    walk_n bigint NOT NULL,
    walk_clusters bigint NOT NULL,
    walk_target_share double precision,
    walk_stopped_share double precision,
    walk_mean_net_pct double precision,
    walk_mean_net_low double precision,
    walk_mean_net_high double precision,
    walk_profit_factor double precision,
    walk_expectancy_r double precision,
    random_mean_net_pct double precision NOT NULL,
    random_mean_net_low double precision NOT NULL,
    random_mean_net_high double precision NOT NULL,
    hold_net_pct double precision NOT NULL,
    hold_pct_per_hour double precision NOT NULL,
    net_pct_per_hour double precision,
    verdict text NOT NULL,
    comparisons bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (ts, grouped_by, value, logic_version, configuration_version)
);
COMMENT ON TABLE signal_performance_stats IS 'How signals did after costs as known at the end of a day, by group, beside random walks, random entries and holding.';
COMMENT ON COLUMN signal_performance_stats.ts IS 'Moment up to which outcomes were known: the end of a UTC day.';
COMMENT ON COLUMN signal_performance_stats.grouped_by IS 'By what signals are put together: all, signal, side, trigger, timeframe, regime, symbol or month.';
COMMENT ON COLUMN signal_performance_stats.value IS 'Which of them: a name of a signal, a pattern, 15m, up, untold, binance BTC/USDT, 2026-01; all.';
COMMENT ON COLUMN signal_performance_stats.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN signal_performance_stats.configuration_version IS 'Version of the configuration (pattern_configurations).';
COMMENT ON COLUMN signal_performance_stats.n IS 'Signals that were entered and decided by then, of the year before.';
COMMENT ON COLUMN signal_performance_stats.clusters IS 'Stretches of time that they fell into, over all symbols: the independent observations.';
COMMENT ON COLUMN signal_performance_stats.target_share IS 'Share that reached their target, 0 to 1.';
COMMENT ON COLUMN signal_performance_stats.target_low IS 'Lower bound of target_share (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN signal_performance_stats.target_high IS 'Upper bound of target_share.';
COMMENT ON COLUMN signal_performance_stats.stopped_share IS 'Share that were stopped, 0 to 1.';
COMMENT ON COLUMN signal_performance_stats.stopped_low IS 'Lower bound of stopped_share (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN signal_performance_stats.stopped_high IS 'Upper bound of stopped_share.';
COMMENT ON COLUMN signal_performance_stats.expired_share IS 'Share that expired, 0 to 1.';
COMMENT ON COLUMN signal_performance_stats.expired_low IS 'Lower bound of expired_share (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN signal_performance_stats.expired_high IS 'Upper bound of expired_share.';
COMMENT ON COLUMN signal_performance_stats.closed_share IS 'Share that were closed by a later signal the other way, 0 to 1.';
COMMENT ON COLUMN signal_performance_stats.closed_low IS 'Lower bound of closed_share (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN signal_performance_stats.closed_high IS 'Upper bound of closed_share.';
COMMENT ON COLUMN signal_performance_stats.mean_gross_pct IS 'Mean return the signal''s way before costs, in per cent.';
COMMENT ON COLUMN signal_performance_stats.mean_net_pct IS 'Mean return after costs, in per cent.';
COMMENT ON COLUMN signal_performance_stats.mean_net_low IS 'Lower bound of mean_net_pct (cluster bootstrap, 95 %); null with few clusters.';
COMMENT ON COLUMN signal_performance_stats.mean_net_high IS 'Upper bound of mean_net_pct.';
COMMENT ON COLUMN signal_performance_stats.median_net_pct IS 'Median return after costs, in per cent.';
COMMENT ON COLUMN signal_performance_stats.median_net_low IS 'Lower bound of median_net_pct; null likewise.';
COMMENT ON COLUMN signal_performance_stats.median_net_high IS 'Upper bound of median_net_pct.';
COMMENT ON COLUMN signal_performance_stats.profit_factor IS 'Sum of gains over sum of losses, after costs; null without losses.';
COMMENT ON COLUMN signal_performance_stats.expectancy_r IS 'Mean return after costs in units of the planned risk; null without plans.';
COMMENT ON COLUMN signal_performance_stats.drawdown_pct IS 'Deepest fall, in per cent, of the account that takes each of them at its size, one after another as they are left.';
COMMENT ON COLUMN signal_performance_stats.mean_bars IS 'Mean number of bars they were held.';
COMMENT ON COLUMN signal_performance_stats.mean_hours IS 'Mean time they were held, in hours.';
COMMENT ON COLUMN signal_performance_stats.walk_n IS 'Signals on random walks beside the newest bars, given and followed by the same code.';
COMMENT ON COLUMN signal_performance_stats.walk_clusters IS 'Stretches of time of those.';
COMMENT ON COLUMN signal_performance_stats.walk_target_share IS 'Share of those that reached their target.';
COMMENT ON COLUMN signal_performance_stats.walk_stopped_share IS 'Share of those that were stopped.';
COMMENT ON COLUMN signal_performance_stats.walk_mean_net_pct IS 'Their mean return after costs, in per cent.';
COMMENT ON COLUMN signal_performance_stats.walk_mean_net_low IS 'Lower bound of walk_mean_net_pct.';
COMMENT ON COLUMN signal_performance_stats.walk_mean_net_high IS 'Upper bound of walk_mean_net_pct.';
COMMENT ON COLUMN signal_performance_stats.walk_profit_factor IS 'Their profit factor.';
COMMENT ON COLUMN signal_performance_stats.walk_expectancy_r IS 'Their expectancy in units of the planned risk.';
COMMENT ON COLUMN signal_performance_stats.random_mean_net_pct IS 'Mean return after costs of as many entries of the same sides and lengths at random bars of the same symbols, over all draws.';
COMMENT ON COLUMN signal_performance_stats.random_mean_net_low IS 'Lower bound of it (95 % of the draws).';
COMMENT ON COLUMN signal_performance_stats.random_mean_net_high IS 'Upper bound of it.';
COMMENT ON COLUMN signal_performance_stats.hold_net_pct IS 'Return of holding each symbol from its first entry to its last exit, costs once, mean of the symbols, in per cent.';
COMMENT ON COLUMN signal_performance_stats.hold_pct_per_hour IS 'The same per hour.';
COMMENT ON COLUMN signal_performance_stats.net_pct_per_hour IS 'Return of the signals after costs per hour that they were held.';
COMMENT ON COLUMN signal_performance_stats.verdict IS 'Of mean_net_pct: no demonstrated edge, above chance or below chance; above chance is a gain only where mean_net_low is above 0.';
COMMENT ON COLUMN signal_performance_stats.comparisons IS 'Rows of the same table of results: at 95 %, one in twenty looks like an edge by chance.';
COMMENT ON COLUMN signal_performance_stats.created_at IS 'When the present values were made.';

CREATE TABLE IF NOT EXISTS signal_equity_points (
    ts timestamptz NOT NULL,
    grouped_by text NOT NULL,
    value text NOT NULL,
    day timestamptz NOT NULL,
    logic_version integer NOT NULL,
    configuration_version integer NOT NULL,
    trades bigint NOT NULL,
    equity double precision NOT NULL,
    drawdown_pct double precision NOT NULL,
    random_equity double precision NOT NULL,
    random_low double precision NOT NULL,
    random_high double precision NOT NULL,
    hold_equity double precision NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (ts, grouped_by, value, day, logic_version, configuration_version)
);
COMMENT ON TABLE signal_equity_points IS 'The account that takes each signal, day by day, as known at the end of a day, beside random entries and holding.';
COMMENT ON COLUMN signal_equity_points.ts IS 'Moment up to which outcomes were known: the end of a UTC day.';
COMMENT ON COLUMN signal_equity_points.grouped_by IS 'all, timeframe or symbol.';
COMMENT ON COLUMN signal_equity_points.value IS 'Which of them; all.';
COMMENT ON COLUMN signal_equity_points.day IS 'Start of the UTC day whose exits are in it.';
COMMENT ON COLUMN signal_equity_points.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN signal_equity_points.configuration_version IS 'Version of the configuration (pattern_configurations): its equity is what the account begins with.';
COMMENT ON COLUMN signal_equity_points.trades IS 'Signals that were left by the end of the day.';
COMMENT ON COLUMN signal_equity_points.equity IS 'The account at its end, in quote units, after costs: each signal taken at the next bar''s open, at its size as a share of the equity.';
COMMENT ON COLUMN signal_equity_points.drawdown_pct IS 'How far that is below the highest before, in per cent.';
COMMENT ON COLUMN signal_equity_points.random_equity IS 'The same of as many entries at random bars: median of the draws.';
COMMENT ON COLUMN signal_equity_points.random_low IS 'Lower bound of it (95 % of the draws).';
COMMENT ON COLUMN signal_equity_points.random_high IS 'Upper bound of it.';
COMMENT ON COLUMN signal_equity_points.hold_equity IS 'The same of holding the symbols, in equal parts, from their first entries on, costs once.';
COMMENT ON COLUMN signal_equity_points.created_at IS 'When the present values were made.';
