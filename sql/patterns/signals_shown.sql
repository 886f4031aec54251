-- Signals that are not neutral of an instrument ($1), timeframe ($2), version ($3) and configuration ($4) at the bars
-- of a window ($5 to $6), the surest first, for a picture.
SELECT ts, known_at, signal, score, entry, stop, target, expires_at
FROM signal_events
WHERE instrument_id = $1 AND timeframe_id = $2 AND logic_version = $3 AND configuration_version = $4
    AND ts >= $5 AND ts < $6 AND signal <> 'neutral'
ORDER BY abs(score) DESC, ts
