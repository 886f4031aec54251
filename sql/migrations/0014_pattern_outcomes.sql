-- What came of patterns: what price did after each that was confirmed, and what follows from that about patterns.
-- Rows carry the version of the rules, and old versions stay.

CREATE TABLE IF NOT EXISTS pattern_outcome_events (
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    family text NOT NULL,
    pattern text NOT NULL,
    direction text NOT NULL,
    reference text NOT NULL,
    horizon smallint NOT NULL,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    confirmed_at timestamptz NOT NULL,
    regime text,
    entry double precision NOT NULL,
    atr double precision,
    return_pct real NOT NULL,
    return_atr real,
    directed_pct real,
    directed_atr real,
    favourable_pct real,
    favourable_atr real,
    adverse_pct real,
    adverse_atr real,
    target_atr real,
    invalidation_atr real,
    first_touch text,
    touch_bars smallint,
    ambiguous boolean,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, timeframe_id, ts, family, pattern, direction, reference, horizon, logic_version),
    CONSTRAINT touches_are_timed CHECK ((first_touch IN ('target', 'invalidation')) IS TRUE = (touch_bars IS NOT NULL))
);
COMMENT ON TABLE pattern_outcome_events IS 'What price did after each confirmed pattern: a row per horizon that is over. Shares of prices are single precision. The view pattern_outcomes shows the newest.';
COMMENT ON COLUMN pattern_outcome_events.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN pattern_outcome_events.timeframe_id IS 'Length of the bars (timeframes).';
COMMENT ON COLUMN pattern_outcome_events.ts IS 'Open time of the bar at which the pattern was confirmed.';
COMMENT ON COLUMN pattern_outcome_events.family IS 'candlestick, chart or volume.';
COMMENT ON COLUMN pattern_outcome_events.pattern IS 'Name of the pattern within its family.';
COMMENT ON COLUMN pattern_outcome_events.direction IS 'bullish, bearish or neutral.';
COMMENT ON COLUMN pattern_outcome_events.reference IS 'The pattern''s id where it has a life (chart_pattern_events.pattern_id); '''' of the others, so that it can be part of the key.';
COMMENT ON COLUMN pattern_outcome_events.horizon IS 'Bars after that bar, as they are: over missing ones it takes longer.';
COMMENT ON COLUMN pattern_outcome_events.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN pattern_outcome_events.known_at IS 'When it could first be known: the close of the bar that many bars later. No row exists before.';
COMMENT ON COLUMN pattern_outcome_events.confirmed_at IS 'When the pattern was known: the close of its bar.';
COMMENT ON COLUMN pattern_outcome_events.regime IS 'Trend at the confirmation (market_regimes.trend): up, down or range; null where not told.';
COMMENT ON COLUMN pattern_outcome_events.entry IS 'Close of the bar of the confirmation, in quote units.';
COMMENT ON COLUMN pattern_outcome_events.atr IS 'ATR 14 of that bar, in quote units; null in the warm-up and where nothing moved.';
COMMENT ON COLUMN pattern_outcome_events.return_pct IS 'Return from entry to the close at the horizon, in per cent.';
COMMENT ON COLUMN pattern_outcome_events.return_atr IS 'The same in ATR.';
COMMENT ON COLUMN pattern_outcome_events.directed_pct IS 'The return the pattern''s way, in per cent; null of neutral patterns.';
COMMENT ON COLUMN pattern_outcome_events.directed_atr IS 'The same in ATR.';
COMMENT ON COLUMN pattern_outcome_events.favourable_pct IS 'Farthest the pattern''s way within the horizon, in per cent, 0 or more; null of neutral patterns.';
COMMENT ON COLUMN pattern_outcome_events.favourable_atr IS 'The same in ATR.';
COMMENT ON COLUMN pattern_outcome_events.adverse_pct IS 'Farthest against the pattern within the horizon, in per cent, 0 or more; null of neutral patterns.';
COMMENT ON COLUMN pattern_outcome_events.adverse_atr IS 'The same in ATR.';
COMMENT ON COLUMN pattern_outcome_events.target_atr IS 'Distance of the target from the entry, in ATR; null where the pattern has no target and invalidation on their sides of it.';
COMMENT ON COLUMN pattern_outcome_events.invalidation_atr IS 'Distance of the invalidation from the entry, in ATR; null likewise.';
COMMENT ON COLUMN pattern_outcome_events.first_touch IS 'What a high or low touched first within the horizon: target, invalidation or neither; null without such levels.';
COMMENT ON COLUMN pattern_outcome_events.touch_bars IS 'Bars until then; null where neither was touched.';
COMMENT ON COLUMN pattern_outcome_events.ambiguous IS 'Whether one bar touched both: the invalidation then counts as first.';
COMMENT ON COLUMN pattern_outcome_events.created_at IS 'When the present values were made.';

CREATE TABLE IF NOT EXISTS pattern_success_rates (
    ts timestamptz NOT NULL,
    timeframe_id smallint NOT NULL,
    family text NOT NULL,
    pattern text NOT NULL,
    direction text NOT NULL,
    regime text NOT NULL,
    horizon smallint NOT NULL,
    logic_version integer NOT NULL,
    configuration_version integer NOT NULL,
    n bigint NOT NULL,
    clusters bigint NOT NULL,
    rate double precision NOT NULL,
    low double precision NOT NULL,
    high double precision NOT NULL,
    base_rate double precision NOT NULL,
    shrunk_rate double precision NOT NULL,
    excess double precision NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (ts, timeframe_id, family, pattern, direction, regime, horizon, logic_version, configuration_version)
);
COMMENT ON TABLE pattern_success_rates IS 'How often patterns succeeded as known at the end of each day, over all instruments: what confidence and reliability take from history.';
COMMENT ON COLUMN pattern_success_rates.ts IS 'Moment up to which outcomes were known: the end of a UTC day.';
COMMENT ON COLUMN pattern_success_rates.timeframe_id IS 'Length of the bars (timeframes).';
COMMENT ON COLUMN pattern_success_rates.family IS 'candlestick, chart or volume.';
COMMENT ON COLUMN pattern_success_rates.pattern IS 'Name of the pattern within its family.';
COMMENT ON COLUMN pattern_success_rates.direction IS 'bullish or bearish: what is neutral is neither right nor wrong.';
COMMENT ON COLUMN pattern_success_rates.regime IS 'Trend at the confirmation: up, down or range; '''' for all, the untold included.';
COMMENT ON COLUMN pattern_success_rates.horizon IS 'Bars after the confirmation.';
COMMENT ON COLUMN pattern_success_rates.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN pattern_success_rates.configuration_version IS 'Version of the configuration (pattern_configurations).';
COMMENT ON COLUMN pattern_success_rates.n IS 'Outcomes known by then, of all instruments.';
COMMENT ON COLUMN pattern_success_rates.clusters IS 'Stretches of time, one horizon long, that they fell into: the independent observations.';
COMMENT ON COLUMN pattern_success_rates.rate IS 'Share with a return the pattern''s way, 0 to 1.';
COMMENT ON COLUMN pattern_success_rates.low IS 'Lower bound of rate (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN pattern_success_rates.high IS 'Upper bound of rate.';
COMMENT ON COLUMN pattern_success_rates.base_rate IS 'Rate of all patterns of this direction on this timeframe, in a regime of those in it.';
COMMENT ON COLUMN pattern_success_rates.shrunk_rate IS 'rate, drawn toward base_rate (of a regime: toward the pattern''s own over all, moved as base_rate is from all regimes to this one) the more, the fewer the clusters.';
COMMENT ON COLUMN pattern_success_rates.excess IS 'shrunk_rate less base_rate: what confidence and reliability use.';
COMMENT ON COLUMN pattern_success_rates.created_at IS 'When the present values were made.';

CREATE TABLE IF NOT EXISTS pattern_performance_stats (
    ts timestamptz NOT NULL,
    timeframe_id smallint NOT NULL,
    family text NOT NULL,
    pattern text NOT NULL,
    direction text NOT NULL,
    regime text NOT NULL,
    horizon smallint NOT NULL,
    logic_version integer NOT NULL,
    configuration_version integer NOT NULL,
    n bigint NOT NULL,
    clusters bigint NOT NULL,
    hit_rate double precision NOT NULL,
    hit_low double precision NOT NULL,
    hit_high double precision NOT NULL,
    base_rate double precision NOT NULL,
    shrunk_rate double precision NOT NULL,
    mean_atr double precision,
    mean_atr_low double precision,
    mean_atr_high double precision,
    median_atr double precision,
    median_atr_low double precision,
    median_atr_high double precision,
    favourable_atr double precision,
    adverse_atr double precision,
    target_n bigint NOT NULL,
    target_rate double precision,
    target_low double precision,
    target_high double precision,
    ambiguous double precision,
    walk_n bigint NOT NULL,
    walk_clusters bigint NOT NULL,
    walk_rate double precision,
    walk_low double precision,
    walk_high double precision,
    walk_mean_atr double precision,
    walk_target_clusters bigint NOT NULL,
    walk_target_rate double precision,
    walk_target_low double precision,
    walk_target_high double precision,
    verdict text NOT NULL,
    target_verdict text,
    failures jsonb NOT NULL,
    hints jsonb NOT NULL,
    comparisons bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (ts, timeframe_id, family, pattern, direction, regime, horizon, logic_version, configuration_version)
);
COMMENT ON TABLE pattern_performance_stats IS 'How patterns did on the newest bars as known at the end of a day, over all tracked instruments, beside what the same patterns do on random walks.';
COMMENT ON COLUMN pattern_performance_stats.ts IS 'Moment up to which outcomes were known: the end of a UTC day.';
COMMENT ON COLUMN pattern_performance_stats.timeframe_id IS 'Length of the bars (timeframes).';
COMMENT ON COLUMN pattern_performance_stats.family IS 'candlestick, chart or volume.';
COMMENT ON COLUMN pattern_performance_stats.pattern IS 'Name of the pattern within its family.';
COMMENT ON COLUMN pattern_performance_stats.direction IS 'bullish or bearish: what is neutral is neither right nor wrong.';
COMMENT ON COLUMN pattern_performance_stats.regime IS 'Trend at the confirmation: up, down or range; '''' for all, the untold included.';
COMMENT ON COLUMN pattern_performance_stats.horizon IS 'Bars after the confirmation.';
COMMENT ON COLUMN pattern_performance_stats.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN pattern_performance_stats.configuration_version IS 'Version of the configuration (pattern_configurations).';
COMMENT ON COLUMN pattern_performance_stats.n IS 'Outcomes known by then.';
COMMENT ON COLUMN pattern_performance_stats.clusters IS 'Stretches of time, one horizon long, that they fell into: the independent observations.';
COMMENT ON COLUMN pattern_performance_stats.hit_rate IS 'Share with a return the pattern''s way, 0 to 1.';
COMMENT ON COLUMN pattern_performance_stats.hit_low IS 'Lower bound of hit_rate (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN pattern_performance_stats.hit_high IS 'Upper bound of hit_rate.';
COMMENT ON COLUMN pattern_performance_stats.base_rate IS 'hit_rate of all patterns of this direction on this timeframe, in a regime of those in it.';
COMMENT ON COLUMN pattern_performance_stats.shrunk_rate IS 'hit_rate, drawn toward base_rate (of a regime: toward the pattern''s own over all, moved as base_rate is from all regimes to this one) the more, the fewer the clusters.';
COMMENT ON COLUMN pattern_performance_stats.mean_atr IS 'Mean return the pattern''s way, in ATR; null without ATRs.';
COMMENT ON COLUMN pattern_performance_stats.mean_atr_low IS 'Lower bound of mean_atr (cluster bootstrap, 95 %); null with few clusters.';
COMMENT ON COLUMN pattern_performance_stats.mean_atr_high IS 'Upper bound of mean_atr.';
COMMENT ON COLUMN pattern_performance_stats.median_atr IS 'Median return the pattern''s way, in ATR.';
COMMENT ON COLUMN pattern_performance_stats.median_atr_low IS 'Lower bound of median_atr (cluster bootstrap, 95 %); null with few clusters.';
COMMENT ON COLUMN pattern_performance_stats.median_atr_high IS 'Upper bound of median_atr.';
COMMENT ON COLUMN pattern_performance_stats.favourable_atr IS 'Mean of the farthest the pattern''s way, in ATR.';
COMMENT ON COLUMN pattern_performance_stats.adverse_atr IS 'Mean of the farthest against it, in ATR.';
COMMENT ON COLUMN pattern_performance_stats.target_n IS 'Outcomes with a target and an invalidation on their sides of the entry.';
COMMENT ON COLUMN pattern_performance_stats.target_rate IS 'Share of them in which the target came first, within the horizon.';
COMMENT ON COLUMN pattern_performance_stats.target_low IS 'Lower bound of target_rate (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN pattern_performance_stats.target_high IS 'Upper bound of target_rate.';
COMMENT ON COLUMN pattern_performance_stats.ambiguous IS 'Share of them in which one bar touched both; counted as the invalidation.';
COMMENT ON COLUMN pattern_performance_stats.walk_n IS 'Outcomes of the same pattern on random walks of the same volatility, over all regimes in every row: a walk has no drift.';
COMMENT ON COLUMN pattern_performance_stats.walk_clusters IS 'Their clusters.';
COMMENT ON COLUMN pattern_performance_stats.walk_rate IS 'Their hit rate: what chance achieves, with no drift.';
COMMENT ON COLUMN pattern_performance_stats.walk_low IS 'Lower bound of walk_rate.';
COMMENT ON COLUMN pattern_performance_stats.walk_high IS 'Upper bound of walk_rate.';
COMMENT ON COLUMN pattern_performance_stats.walk_mean_atr IS 'Their mean return, in ATR.';
COMMENT ON COLUMN pattern_performance_stats.walk_target_clusters IS 'Clusters of those with levels.';
COMMENT ON COLUMN pattern_performance_stats.walk_target_rate IS 'Their target rate.';
COMMENT ON COLUMN pattern_performance_stats.walk_target_low IS 'Lower bound of walk_target_rate.';
COMMENT ON COLUMN pattern_performance_stats.walk_target_high IS 'Upper bound of walk_target_rate.';
COMMENT ON COLUMN pattern_performance_stats.verdict IS 'Of the hit rate: no demonstrated edge, above chance or below chance.';
COMMENT ON COLUMN pattern_performance_stats.target_verdict IS 'Of the target rate, beside the walks alone, so that a drift shows in it; null without levels.';
COMMENT ON COLUMN pattern_performance_stats.failures IS 'How the failures failed: counts, shares and distances; docs/pattern_performance.md defines them.';
COMMENT ON COLUMN pattern_performance_stats.hints IS 'What to change, each with the numbers it follows from; empty where nothing stands out from chance.';
COMMENT ON COLUMN pattern_performance_stats.comparisons IS 'Rows of the same table of results: at 95 %, one in twenty looks like an edge by chance.';
COMMENT ON COLUMN pattern_performance_stats.created_at IS 'When the present values were made.';

CREATE INDEX IF NOT EXISTS pattern_performance_stats_by_timeframe
    ON pattern_performance_stats (timeframe_id, logic_version, configuration_version, ts);

ALTER TABLE derived_datasets ADD COLUMN IF NOT EXISTS daily boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN derived_datasets.daily IS 'Whether it is brought up to date once a day, not soon after bars have changed.';
INSERT INTO derived_datasets (dataset, description, daily) VALUES
    ('pattern_outcomes', 'What price did after patterns (pattern_outcome_events).', true)
ON CONFLICT (dataset) DO NOTHING;

-- candles that are there already are due
INSERT INTO derived_dirty (dataset, instrument_id, day)
SELECT 'pattern_outcomes', instrument_id, (ts AT TIME ZONE 'UTC')::date FROM ohlcv_1d
ON CONFLICT (dataset, instrument_id, day) DO NOTHING;

-- by horizon: rates of success are of one of them
CALL keep_in_chunks(
    'pattern_outcome_events', '7 days', 'instrument_id, timeframe_id, horizon, logic_version', 'ts, pattern', '30 days'
);
