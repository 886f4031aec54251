-- Signals that are not neutral of an instrument ($1), timeframe ($2), version ($3) and configuration ($4), known from $5
-- on and before $6, of bars of that length ($7): what of them lives still takes its part of the symbol's budget.
SELECT instrument_id, known_at, signal, expires_at, risk, notional
FROM signal_events
WHERE instrument_id = $1 AND timeframe_id = $2 AND logic_version = $3 AND configuration_version = $4
    AND known_at >= $5 AND known_at < $6 AND ts >= $5 - $7::interval AND ts < $6 AND signal <> 'neutral'
ORDER BY known_at
