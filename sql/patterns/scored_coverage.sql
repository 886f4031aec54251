-- Events without a confidence and confidences without an event, of symbols of these venues ($1) known in a window ($2 to
-- $3): candlestick, chart and volume patterns of versions $4, $5 and $6, confidences of version $7 and configuration $8.
-- Flags (neutral candlestick and volume patterns) have none. A symbol is held to what was computed of it: its last bars
-- may just have closed.
WITH looked AS (
    SELECT w.instrument_id, i.venue || ' ' || i.symbol AS symbol, w.windows
    FROM signal_windows AS w
    JOIN instruments AS i USING (instrument_id)
    WHERE w.dataset = 'pattern_confidence' AND w.logic_version = $7 AND w.configuration_version = $8 AND i.venue = ANY ($1)
), counted AS (
    SELECT instrument_id, timeframe_id, known_at, 'candlestick' AS family, 1 AS event, 0 AS confidence
    FROM candlestick_pattern_events
    WHERE direction <> 'neutral'
        AND logic_version = $4 AND known_at >= $2 AND known_at < $3 AND ts >= $2 - INTERVAL '7 days' AND ts < $3
    UNION ALL
    SELECT instrument_id, timeframe_id, known_at, 'chart', 1, 0
    FROM chart_pattern_events
    WHERE logic_version = $5 AND known_at >= $2 AND known_at < $3 AND ts >= $2 - INTERVAL '7 days' AND ts < $3
    UNION ALL
    SELECT instrument_id, timeframe_id, known_at, 'volume', 1, 0
    FROM volume_pattern_events
    WHERE direction <> 'neutral'
        AND logic_version = $6 AND known_at >= $2 AND known_at < $3 AND ts >= $2 - INTERVAL '7 days' AND ts < $3
    UNION ALL
    SELECT c.instrument_id, c.timeframe_id, c.ts + c.timeframe_id * INTERVAL '1 minute', k.family, 0, 1
    FROM pattern_confidences AS c
    JOIN pattern_kinds AS k USING (kind_id)
    WHERE c.logic_version = $7 AND c.configuration_version = $8 AND c.ts + c.timeframe_id * INTERVAL '1 minute' >= $2
        AND c.ts + c.timeframe_id * INTERVAL '1 minute' < $3 AND c.ts >= $2 - INTERVAL '7 days' AND c.ts < $3
        AND (c.sign <> 0 OR k.family = 'chart')
)
SELECT l.symbol, c.timeframe_id, c.family, sum(c.event) AS events,
    greatest(sum(c.event) - sum(c.confidence), 0) AS without_confidence,
    greatest(sum(c.confidence) - sum(c.event), 0) AS without_event
FROM counted AS c
JOIN looked AS l ON l.instrument_id = c.instrument_id AND l.windows @> c.known_at
GROUP BY 1, 2, 3
