-- The chart patterns of an instrument ($1), timeframe ($2) and version ($3) with an event at the bars of a window ($4 to
-- $5) that began in it, each as it was last known, the best first; with the time of its breakout.
SELECT * FROM (
    SELECT DISTINCT ON (pattern_id) pattern_id, ts, pattern, direction, stage,
        (SELECT array_agg(p.ts AT TIME ZONE 'UTC' ORDER BY p.place) FROM unnest(pivot_ts) WITH ORDINALITY AS p (ts, place))
            AS pivot_ts,
        pivot_prices, lines::text AS lines, breakout_level, target, invalidation, quality,
        min(ts) FILTER (WHERE stage = 'complete') OVER (PARTITION BY pattern_id) AS broke_out
    FROM chart_pattern_events
    WHERE instrument_id = $1 AND timeframe_id = $2 AND logic_version = $3 AND ts >= $4 AND ts < $5
    ORDER BY pattern_id, ts DESC, stage <> 'forming' DESC
) AS last
WHERE stage <> 'evolved' AND pivot_ts[1] >= $4
ORDER BY quality DESC, pattern_id
