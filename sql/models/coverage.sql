-- By symbol of these venues ($1): bars and directions of a window ($2 to $3) with confirmed events and no probability, where
-- a model of the configuration ($5) was known, and those with probabilities ($4) and no event.
WITH events AS (
    SELECT DISTINCT v.instrument_id, v.timeframe_id, v.ts, v.direction, v.known_at
    FROM pattern_confidence_all_versions AS v
    JOIN instruments AS i USING (instrument_id)
    WHERE i.venue = ANY ($1) AND v.ts >= $2 AND v.ts < $3 AND v.stage = 'complete' AND v.direction <> 'neutral'
        AND v.configuration_version = $5 AND v.logic_version > 0
), told AS (
    SELECT DISTINCT v.instrument_id, v.timeframe_id, v.ts, v.direction
    FROM event_probabilities AS v
    JOIN instruments AS i USING (instrument_id)
    WHERE i.venue = ANY ($1) AND v.ts >= $2 AND v.ts < $3 AND v.logic_version = $4 AND v.configuration_version = $5
)
SELECT i.venue || ' ' || i.symbol AS symbol,
    count(*) FILTER (
        WHERE t.ts IS NULL AND e.known_at >= (
            SELECT min(m.trained_until) + INTERVAL '6 hours' FROM probability_models AS m WHERE m.configuration_version = $5
        )
    ) AS without_row,
    count(*) FILTER (WHERE e.ts IS NULL) AS without_event
FROM events AS e
FULL JOIN told AS t USING (instrument_id, timeframe_id, ts, direction)
JOIN instruments AS i USING (instrument_id)
GROUP BY 1
ORDER BY 1
