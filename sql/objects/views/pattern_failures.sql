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
