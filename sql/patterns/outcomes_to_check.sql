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
    SELECT * FROM pattern_outcome_events
    WHERE ts >= $2 AND ts < $3 AND logic_version = $4 AND hashtext(ts::text || pattern || horizon) % 97 = 0
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
