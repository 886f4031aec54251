-- Confirmed patterns without an outcome though one is known, and outcomes without their pattern, of symbols of these venues
-- ($1) in a window ($2 to $3), in version $4 of data set $5. The shortest horizon stands for all. Patterns are those of the
-- newest version of each family, without flags (neutral candlestick and volume patterns), and a symbol is held to what
-- was computed of it.
WITH seen AS (
    SELECT instrument_id, timeframe_id, ts, 'candlestick' AS family, pattern, direction, '' AS reference
    FROM candlestick_pattern_events
    WHERE ts >= $2 AND ts < $3 AND direction <> 'neutral'
        AND logic_version = (SELECT max(logic_version) FROM candlestick_pattern_definitions WHERE logic_version > 0)
    UNION ALL
    SELECT instrument_id, timeframe_id, ts, 'chart', pattern, direction, pattern_id::text
    FROM chart_pattern_events
    WHERE ts >= $2 AND ts < $3 AND stage = 'complete'
        AND logic_version = (SELECT max(logic_version) FROM chart_pattern_definitions WHERE logic_version > 0)
    UNION ALL
    SELECT instrument_id, timeframe_id, ts, 'volume', pattern, direction, ''
    FROM volume_pattern_events
    WHERE ts >= $2 AND ts < $3 AND direction <> 'neutral'
        AND logic_version = (SELECT max(logic_version) FROM derived_windows WHERE dataset = 'volume_patterns')
), told AS (
    SELECT o.instrument_id, o.timeframe_id, o.ts, k.family, k.pattern,
        CASE o.sign WHEN 1 THEN 'bullish' WHEN -1 THEN 'bearish' ELSE 'neutral' END AS direction, o.reference
    FROM {table} AS o
    JOIN pattern_kinds AS k USING (kind_id)
    WHERE o.ts >= $2 AND o.ts < $3 AND o.logic_version = $4 AND (o.sign <> 0 OR k.family = 'chart')
)
SELECT i.venue || ' ' || i.symbol AS symbol, t.timeframe, count(s.family) AS patterns,
    count(*) FILTER (WHERE o.family IS NULL AND EXISTS (
        SELECT FROM bars AS b
        WHERE b.instrument_id = w.instrument_id AND b.timeframe_id = w.timeframe_id
            AND b.ts > s.ts AND b.ts < upper(w.windows)
    )) AS without_row,
    count(*) FILTER (WHERE s.family IS NULL) AS without_bar
FROM seen AS s
FULL JOIN told AS o USING (instrument_id, timeframe_id, ts, family, pattern, direction, reference)
JOIN derived_windows AS w USING (instrument_id, timeframe_id)
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
WHERE w.dataset = $5 AND w.logic_version = $4 AND i.venue = ANY ($1)
GROUP BY 1, 2
