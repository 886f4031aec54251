-- Settlements of days with the one before each, of instruments with more than one.
SELECT
    instrument_id, ts, settled_at_original, interval_hours,
    lag(ts) OVER w AS ts_before, lag(settled_at_original) OVER w AS original_before
FROM funding_settlements
WHERE ts >= $1 AND ts < $2
WINDOW w AS (PARTITION BY instrument_id ORDER BY ts)
ORDER BY instrument_id, ts
LIMIT $3
