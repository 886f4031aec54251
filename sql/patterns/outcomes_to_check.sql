-- Some outcomes of symbols of these venues ($1) in a window ($2 to $3), in version $4 of data set $5, held against the
-- candles: those whose known_at is not the close of the bar at the horizon, and whose return is not that of its close.
-- Symbols with changed bars are due to be computed anew and are left out.
SELECT i.venue || ' ' || i.symbol AS symbol, count(*) AS outcomes,
    count(*) FILTER (WHERE o.known_at IS DISTINCT FROM b.ts + o.timeframe_id * INTERVAL '1 minute') AS wrong_time,
    count(*) FILTER (WHERE o.known_at > now()) AS not_over,
    count(*) FILTER (
        WHERE abs(o.return_pct - (b.close / o.entry - 1) * 100) > 1e-5 * greatest(abs(o.return_pct), 1)
    ) AS wrong_return
FROM (
    SELECT o.instrument_id, o.timeframe_id, o.ts, o.entry, h.horizon, h.moved AS return_pct,
        o.ts + o.timeframe_id * (1 + h.horizon + coalesce(h.late, 0)) * INTERVAL '1 minute' AS known_at
    FROM pattern_outcome_events AS o
    CROSS JOIN LATERAL (VALUES
        (1, o.return_1, o.late[1]),
        (3, o.return_3, o.late[2]),
        (5, o.return_5, o.late[3]),
        (10, o.return_10, o.late[4]),
        (20, o.return_20, o.late[5]),
        (50, o.return_50, o.late[6])
    ) AS h (horizon, moved, late)
    WHERE o.ts >= $2 AND o.ts < $3 AND o.logic_version = $4 AND h.moved IS NOT NULL
        AND hashtext(o.ts::text || o.kind_id || '/' || h.horizon) % 97 = 0
    LIMIT 1000
) AS o
JOIN instruments AS i USING (instrument_id)
LEFT JOIN LATERAL (
    SELECT a.ts, a.close FROM bars AS a
    WHERE a.instrument_id = o.instrument_id AND a.timeframe_id = o.timeframe_id AND a.ts > o.ts
    ORDER BY a.ts OFFSET o.horizon - 1 LIMIT 1
) AS b ON true
WHERE i.venue = ANY ($1)
    AND NOT EXISTS (SELECT FROM derived_dirty AS d WHERE d.dataset = $5 AND d.instrument_id = o.instrument_id)
GROUP BY 1
