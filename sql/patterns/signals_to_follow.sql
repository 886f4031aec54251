-- Signals that are not neutral of an instrument ($1), timeframe ($2), version ($3) and configuration ($4) at bars from $5
-- to before $6.
SELECT instrument_id, ts, known_at, signal, trigger, entry, stop, target, expires_at, size, logic_version,
    configuration_version
FROM signal_events
WHERE instrument_id = $1 AND timeframe_id = $2 AND logic_version = $3 AND configuration_version = $4
    AND ts >= $5 AND ts < $6 AND signal <> 'neutral'
ORDER BY ts
