-- The rate of success with most outcomes of each timeframe as of a moment ($1), in version $2 of configuration $3, beside
-- what the outcomes of version $4 say when they are counted one by one: those of instruments $6 on timeframes $5.
SELECT t.timeframe, s.pattern, s.direction, s.n - f.n AS n_apart, s.clusters - f.clusters AS clusters_apart,
    abs(s.rate - f.rate) AS rate_apart
FROM (
    SELECT DISTINCT ON (timeframe_id) * FROM pattern_success_rates
    WHERE ts = $1 AND logic_version = $2 AND configuration_version = $3 AND regime = ''
    ORDER BY timeframe_id, n DESC, pattern, direction
) AS s
JOIN timeframes AS t USING (timeframe_id)
CROSS JOIN LATERAL (
    SELECT count(*) AS n, avg((o.directed_pct > 0)::integer)::double precision AS rate,
        count(DISTINCT floor(extract(epoch FROM o.confirmed_at) / (s.timeframe_id * s.horizon * 60))) AS clusters
    FROM pattern_outcome_events AS o
    WHERE o.timeframe_id = s.timeframe_id AND o.family = s.family AND o.pattern = s.pattern
        AND o.direction = s.direction AND o.horizon = s.horizon AND o.logic_version = $4
        AND o.ts < $1 AND o.known_at <= $1
        AND (o.timeframe_id, o.instrument_id) IN (SELECT * FROM unnest($5::integer[], $6::integer[]) AS u (t, i))
) AS f
