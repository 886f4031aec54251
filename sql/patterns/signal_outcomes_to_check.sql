-- Some decided outcomes of symbols of these venues ($1) in a window ($2 to $3), in version $4 and configuration $5 of data set
-- $6, held against the candles. Symbols that are due to be computed anew are left out.
SELECT i.venue || ' ' || i.symbol AS symbol, count(*) AS outcomes,
    count(*) FILTER (WHERE o.entry IS DISTINCT FROM e.open OR o.entry_at IS DISTINCT FROM e.ts) AS wrong_entry,
    count(*) FILTER (
        WHERE o.known_at IS DISTINCT FROM d.ts + o.timeframe_id * INTERVAL '1 minute' OR o.closed_at > o.known_at
            OR o.bars <> b.bars
    ) AS wrong_time,
    count(*) FILTER (
        WHERE (o.state = 'stopped' AND o.sign * (o.stop - CASE WHEN o.sign > 0 THEN d.low ELSE d.high END) < 0)
            OR (o.state = 'target' AND o.sign * (CASE WHEN o.sign > 0 THEN d.high ELSE d.low END - o.target) < 0)
    ) AS not_touched,
    count(*) FILTER (WHERE b.touched) AS touched_before,
    count(*) FILTER (WHERE o.exit < d.low OR o.exit > d.high) AS wrong_price
FROM (
    SELECT *, CASE side WHEN 'buy' THEN 1 ELSE -1 END AS sign
    FROM signal_outcome_events
    WHERE ts >= $2 AND ts < $3 AND logic_version = $4 AND configuration_version = $5 AND state <> 'open'
        AND entry IS NOT NULL AND remark IS NULL AND hashtext(ts::text || trigger) % 11 = 0
    LIMIT 1000
) AS o
JOIN instruments AS i USING (instrument_id)
LEFT JOIN LATERAL (
    SELECT a.ts, a.open FROM bars AS a
    WHERE a.instrument_id = o.instrument_id AND a.timeframe_id = o.timeframe_id AND a.ts > o.ts
    ORDER BY a.ts LIMIT 1
) AS e ON true
LEFT JOIN LATERAL (
    SELECT a.ts, a.high, a.low FROM bars AS a
    WHERE a.instrument_id = o.instrument_id AND a.timeframe_id = o.timeframe_id AND a.ts < o.known_at
    ORDER BY a.ts DESC LIMIT 1
) AS d ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS bars, coalesce(bool_or(a.ts < d.ts AND (
        o.sign * (o.stop - CASE WHEN o.sign > 0 THEN a.low ELSE a.high END) >= 0
        OR o.sign * (CASE WHEN o.sign > 0 THEN a.high ELSE a.low END - o.target) >= 0
    )), false) AS touched
    FROM bars AS a
    WHERE a.instrument_id = o.instrument_id AND a.timeframe_id = o.timeframe_id
        AND a.ts >= o.entry_at AND a.ts < o.known_at
) AS b ON true
WHERE i.venue = ANY ($1)
    AND NOT EXISTS (SELECT FROM derived_dirty AS n WHERE n.dataset = $6 AND n.instrument_id = o.instrument_id)
GROUP BY 1
