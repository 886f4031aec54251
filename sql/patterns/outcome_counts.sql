-- Outcomes of instruments ($6), a timeframe ($1), version ($2) and horizon ($3), counted by the first of some times ($4) by
-- which they were known, as far as they were by the last ($5), and by the stretch of time, one horizon long, of the confirmation.
SELECT k.family, k.pattern, CASE o.sign WHEN 1 THEN 'bullish' ELSE 'bearish' END AS direction,
    CASE o.regime_sign WHEN 1 THEN 'up' WHEN -1 THEN 'down' WHEN 0 THEN 'range' END AS regime, o.stretch, o.place, o.n, o."right"
FROM (
    SELECT o.kind_id, o.sign, o.regime_sign,
        floor(extract(epoch FROM o.ts + $1 * INTERVAL '1 minute') / ($1 * $3 * 60))::bigint AS stretch,
        width_bucket(h.known_at - INTERVAL '1 us', $4::timestamptz[])::bigint AS place,
        count(*) AS n, count(*) FILTER (WHERE o.sign * h.moved > 0) AS "right"
    FROM pattern_outcome_events AS o
    CROSS JOIN LATERAL (
        SELECT m.moved, o.ts + o.timeframe_id * (1 + m.horizon + coalesce(m.late, 0)) * INTERVAL '1 minute' AS known_at
        FROM (VALUES
            (1, o.return_1, o.late[1]),
            (3, o.return_3, o.late[2]),
            (5, o.return_5, o.late[3]),
            (10, o.return_10, o.late[4]),
            (20, o.return_20, o.late[5]),
            (50, o.return_50, o.late[6])
        ) AS m (horizon, moved, late)
        WHERE m.horizon = $3
    ) AS h
    WHERE o.timeframe_id = $1 AND o.logic_version = $2 AND o.ts < $5 AND h.known_at <= $5 AND h.moved IS NOT NULL
        AND o.sign <> 0 AND o.instrument_id = ANY ($6)
    GROUP BY 1, 2, 3, 4, 5
) AS o
JOIN pattern_kinds AS k USING (kind_id)
