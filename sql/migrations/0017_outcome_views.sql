-- What analysts read of outcomes and performance: venue, symbol and timeframe by name. Nothing here stores anything.
-- Where something exists in several versions the newest is shown; versions below 0 are trials.

CREATE OR REPLACE VIEW pattern_outcomes AS
SELECT i.venue, i.symbol, t.timeframe,
    v.ts, v.family, v.pattern, v.direction, v.regime, v.horizon, v.entry, v.atr, v.return_pct, v.return_atr,
    v.directed_pct, v.directed_atr, v.favourable_pct, v.favourable_atr, v.adverse_pct, v.adverse_atr,
    v.target_atr, v.invalidation_atr, v.first_touch, v.touch_bars, v.ambiguous, v.confirmed_at, v.known_at,
    v.logic_version, v.created_at,
    nullif(v.reference, '') AS reference, v.instrument_id
FROM pattern_outcome_events AS v
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
WHERE v.logic_version > 0 AND NOT EXISTS (
    -- where a newer version looked, what it did not find is none
    SELECT FROM derived_windows AS n
    WHERE n.dataset = 'pattern_outcomes' AND n.instrument_id = v.instrument_id AND n.timeframe_id = v.timeframe_id
        AND n.logic_version > v.logic_version AND n.windows @> v.ts
);
COMMENT ON VIEW pattern_outcomes IS 'What price did after each confirmed pattern: a row per horizon that is over, in the newest version that looked there.';
COMMENT ON COLUMN pattern_outcomes.venue IS 'Venue.';
COMMENT ON COLUMN pattern_outcomes.symbol IS 'Unified symbol.';
COMMENT ON COLUMN pattern_outcomes.timeframe IS 'Length of the bars.';
COMMENT ON COLUMN pattern_outcomes.ts IS 'Open time of the bar at which the pattern was confirmed.';
COMMENT ON COLUMN pattern_outcomes.family IS 'candlestick, chart or volume.';
COMMENT ON COLUMN pattern_outcomes.pattern IS 'Name of the pattern within its family.';
COMMENT ON COLUMN pattern_outcomes.direction IS 'bullish, bearish or neutral.';
COMMENT ON COLUMN pattern_outcomes.regime IS 'Trend at the confirmation (market_regimes.trend): up, down or range; null where not told.';
COMMENT ON COLUMN pattern_outcomes.horizon IS 'Bars after that bar, as they are: over missing ones it takes longer.';
COMMENT ON COLUMN pattern_outcomes.entry IS 'Close of the bar of the confirmation, in quote units.';
COMMENT ON COLUMN pattern_outcomes.atr IS 'ATR 14 of that bar, in quote units; null in the warm-up and where nothing moved.';
COMMENT ON COLUMN pattern_outcomes.return_pct IS 'Return from entry to the close at the horizon, in per cent.';
COMMENT ON COLUMN pattern_outcomes.return_atr IS 'The same in ATR.';
COMMENT ON COLUMN pattern_outcomes.directed_pct IS 'The return the pattern''s way, in per cent; null of neutral patterns.';
COMMENT ON COLUMN pattern_outcomes.directed_atr IS 'The same in ATR.';
COMMENT ON COLUMN pattern_outcomes.favourable_pct IS 'Farthest the pattern''s way within the horizon, in per cent, 0 or more; null of neutral patterns.';
COMMENT ON COLUMN pattern_outcomes.favourable_atr IS 'The same in ATR.';
COMMENT ON COLUMN pattern_outcomes.adverse_pct IS 'Farthest against the pattern within the horizon, in per cent, 0 or more; null of neutral patterns.';
COMMENT ON COLUMN pattern_outcomes.adverse_atr IS 'The same in ATR.';
COMMENT ON COLUMN pattern_outcomes.target_atr IS 'Distance of the target from the entry, in ATR; null where the pattern has no target and invalidation on their sides of it.';
COMMENT ON COLUMN pattern_outcomes.invalidation_atr IS 'Distance of the invalidation from the entry, in ATR; null likewise.';
COMMENT ON COLUMN pattern_outcomes.first_touch IS 'What a high or low touched first within the horizon: target, invalidation or neither; null without such levels.';
COMMENT ON COLUMN pattern_outcomes.touch_bars IS 'Bars until then; null where neither was touched.';
COMMENT ON COLUMN pattern_outcomes.ambiguous IS 'Whether one bar touched both: the invalidation then counts as first.';
COMMENT ON COLUMN pattern_outcomes.confirmed_at IS 'When the pattern was known: the close of its bar.';
COMMENT ON COLUMN pattern_outcomes.known_at IS 'When it could first be known: the close of the bar that many bars later. No row exists before.';
COMMENT ON COLUMN pattern_outcomes.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN pattern_outcomes.created_at IS 'When the present values were made.';
COMMENT ON COLUMN pattern_outcomes.reference IS 'The pattern''s id where it has a life (chart_pattern_events.pattern_id); null of the others.';
COMMENT ON COLUMN pattern_outcomes.instrument_id IS 'Key of the instrument, for joins.';

CREATE OR REPLACE VIEW pattern_performance AS
SELECT t.timeframe, v.family, v.pattern, v.direction, coalesce(nullif(v.regime, ''), 'all') AS regime,
    v.horizon, v.n, v.clusters, v.hit_rate, v.hit_low, v.hit_high, v.base_rate, v.shrunk_rate, v.mean_atr,
    v.mean_atr_low, v.mean_atr_high, v.median_atr, v.median_atr_low, v.median_atr_high, v.favourable_atr,
    v.adverse_atr, v.target_n, v.target_rate, v.target_low, v.target_high, v.ambiguous, v.walk_n,
    v.walk_clusters, v.walk_rate, v.walk_low, v.walk_high, v.walk_mean_atr, v.walk_target_clusters,
    v.walk_target_rate, v.walk_target_low, v.walk_target_high, v.verdict, v.target_verdict,
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
COMMENT ON COLUMN pattern_performance.verdict IS 'Of the hit rate: no demonstrated edge, above chance or below chance.';
COMMENT ON COLUMN pattern_performance.target_verdict IS 'Of the target rate, beside the walks alone, so that a drift shows in it; null without levels.';
COMMENT ON COLUMN pattern_performance.in_words IS 'The verdict with its figures as a sentence.';
COMMENT ON COLUMN pattern_performance.failures IS 'How the failures failed: counts, shares and distances; docs/pattern_performance.md defines them.';
COMMENT ON COLUMN pattern_performance.hints IS 'What to change, each with the numbers it follows from; empty where nothing stands out from chance.';
COMMENT ON COLUMN pattern_performance.comparisons IS 'Rows of the same table of results: at 95 %, one in twenty looks like an edge by chance.';
COMMENT ON COLUMN pattern_performance.as_of IS 'Moment up to which outcomes were known: the end of a UTC day.';
COMMENT ON COLUMN pattern_performance.configuration_version IS 'Version of the configuration (pattern_configurations).';
COMMENT ON COLUMN pattern_performance.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';

CREATE OR REPLACE VIEW pattern_failures AS
SELECT p.timeframe, p.family, p.pattern, p.direction, p.regime, p.horizon, p.n, p.clusters, p.hit_rate, p.verdict,
    (p.failures ->> 'failures')::integer AS failures,
    (p.failures ->> 'misses')::integer AS misses,
    (p.failures ->> 'stopped')::integer AS stopped,
    (p.failures ->> 'never_right')::double precision AS never_right,
    (p.failures ->> 'gave_back')::double precision AS gave_back,
    (p.failures ->> 'near_miss')::double precision AS near_miss,
    (p.failures ->> 'stopped_then_right')::double precision AS stopped_then_right,
    (p.failures ->> 'best_of_failures')::double precision AS best_of_failures,
    (p.failures ->> 'best_of_misses')::double precision AS best_of_misses,
    (p.failures ->> 'room_of_winners')::double precision AS room_of_winners,
    (p.failures ->> 'target')::double precision AS target,
    (p.failures ->> 'invalidation')::double precision AS invalidation,
    p.hints, p.as_of
FROM pattern_performance AS p;
COMMENT ON VIEW pattern_failures IS 'How the failures of each pattern failed, and what the numbers suggest to change: pattern_performance, its facts as columns.';
COMMENT ON COLUMN pattern_failures.timeframe IS 'Length of the bars.';
COMMENT ON COLUMN pattern_failures.family IS 'candlestick, chart or volume.';
COMMENT ON COLUMN pattern_failures.pattern IS 'Name of the pattern within its family.';
COMMENT ON COLUMN pattern_failures.direction IS 'bullish or bearish: what is neutral is neither right nor wrong.';
COMMENT ON COLUMN pattern_failures.regime IS 'Trend at the confirmation: up, down or range; all for all of them, the untold included.';
COMMENT ON COLUMN pattern_failures.horizon IS 'Bars after the confirmation.';
COMMENT ON COLUMN pattern_failures.n IS 'Outcomes known by then.';
COMMENT ON COLUMN pattern_failures.clusters IS 'Stretches of time, one horizon long, that they fell into: the independent observations.';
COMMENT ON COLUMN pattern_failures.hit_rate IS 'Share with a return the pattern''s way, 0 to 1.';
COMMENT ON COLUMN pattern_failures.verdict IS 'Of the hit rate: no demonstrated edge, above chance or below chance.';
COMMENT ON COLUMN pattern_failures.failures IS 'Outcomes with a return of 0 or against the pattern.';
COMMENT ON COLUMN pattern_failures.misses IS 'Outcomes with levels that did not touch the target first.';
COMMENT ON COLUMN pattern_failures.stopped IS 'Outcomes that touched the invalidation first.';
COMMENT ON COLUMN pattern_failures.never_right IS 'Share of the failures that went 1 ATR against the pattern and not half of that its way.';
COMMENT ON COLUMN pattern_failures.gave_back IS 'Share of the failures that were 1 ATR right at some time.';
COMMENT ON COLUMN pattern_failures.near_miss IS 'Share of the misses that came 80 % of the way to the target.';
COMMENT ON COLUMN pattern_failures.stopped_then_right IS 'Share of the stopped that went as far as the target within the horizon all the same.';
COMMENT ON COLUMN pattern_failures.best_of_failures IS 'Median of the farthest the failures went the pattern''s way, in ATR.';
COMMENT ON COLUMN pattern_failures.best_of_misses IS 'The same of the misses.';
COMMENT ON COLUMN pattern_failures.room_of_winners IS 'Distance against the pattern that 80 % of the successes stayed within, in ATR.';
COMMENT ON COLUMN pattern_failures.target IS 'Median distance of the target, in ATR.';
COMMENT ON COLUMN pattern_failures.invalidation IS 'Median distance of the invalidation, in ATR.';
COMMENT ON COLUMN pattern_failures.hints IS 'What to change, each with the numbers it follows from; empty where nothing stands out from chance.';
COMMENT ON COLUMN pattern_failures.as_of IS 'Moment up to which outcomes were known: the end of a UTC day.';
