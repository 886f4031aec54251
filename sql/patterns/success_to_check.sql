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
    SELECT count(*) AS n, avg((o.sign * h.moved > 0)::integer)::double precision AS rate,
        count(DISTINCT floor(extract(epoch FROM o.ts + o.timeframe_id * INTERVAL '1 minute')
            / (s.timeframe_id * s.horizon * 60))) AS clusters
    FROM pattern_outcome_events AS o
    JOIN pattern_kinds AS k USING (kind_id)
    CROSS JOIN LATERAL (VALUES
        (1, o.return_1, o.late[1]),
        (3, o.return_3, o.late[2]),
        (5, o.return_5, o.late[3]),
        (10, o.return_10, o.late[4]),
        (20, o.return_20, o.late[5]),
        (50, o.return_50, o.late[6])
    ) AS h (horizon, moved, late)
    WHERE o.timeframe_id = s.timeframe_id AND k.family = s.family AND k.pattern = s.pattern
        AND o.sign = CASE s.direction WHEN 'bullish' THEN 1 ELSE -1 END AND h.horizon = s.horizon AND h.moved IS NOT NULL
        AND o.logic_version = $4 AND o.ts < $1
        AND o.ts + o.timeframe_id * (1 + h.horizon + coalesce(h.late, 0)) * INTERVAL '1 minute' <= $1
        AND (o.timeframe_id, o.instrument_id) IN (SELECT * FROM unnest($5::integer[], $6::integer[]) AS u (t, i))
) AS f
