-- Signals without an outcome and outcomes without a signal, of symbols of these venues ($1) in a window ($2 to $3): signals of
-- version $4, outcomes of version $5, both of configuration $6. Symbols that are due anew (data set $7) are left out.
WITH told AS (
    SELECT instrument_id, timeframe_id, ts
    FROM signal_events
    WHERE ts >= $2 AND ts < $3 AND logic_version = $4 AND configuration_version = $6 AND signal <> 'neutral'
), followed AS (
    SELECT instrument_id, timeframe_id, ts, true AS there
    FROM signal_outcome_events
    WHERE ts >= $2 AND ts < $3 AND logic_version = $5 AND configuration_version = $6
)
SELECT i.venue || ' ' || i.symbol AS symbol, t.timeframe, count(*) AS signals,
    count(*) FILTER (WHERE f.there IS NULL) AS without_outcome,
    count(*) FILTER (WHERE s.given IS NULL) AS without_signal
FROM (SELECT *, true AS given FROM told) AS s
FULL JOIN followed AS f USING (instrument_id, timeframe_id, ts)
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
WHERE i.venue = ANY ($1)
    AND NOT EXISTS (SELECT FROM derived_dirty AS d WHERE d.dataset = $7 AND d.instrument_id = i.instrument_id)
GROUP BY 1, 2
