-- Outcomes of instruments ($6), a timeframe ($1), version ($2) and horizon ($3), counted by the first of some times ($4) by
-- which they were known, as far as they were by the last ($5), and by the stretch of time, one horizon long, of the confirmation.
SELECT o.family, o.pattern, o.direction, o.regime,
    floor(extract(epoch FROM o.confirmed_at) / ($1 * $3 * 60))::bigint AS stretch,
    width_bucket(o.known_at - INTERVAL '1 us', $4::timestamptz[])::bigint AS place,
    count(*) AS n, count(*) FILTER (WHERE o.directed_pct > 0) AS "right"
FROM pattern_outcome_events AS o
WHERE o.timeframe_id = $1 AND o.logic_version = $2 AND o.horizon = $3
    AND o.ts < $5 AND o.known_at <= $5 AND o.directed_pct IS NOT NULL AND o.instrument_id = ANY ($6)
GROUP BY 1, 2, 3, 4, 5, 6
