-- Decided outcomes of an instrument ($1), timeframe ($2) and version ($3) at the bars of a window ($4 to $5), for a picture.
SELECT ts, signal, side, state, entry_at, entry, closed_at, exit, gross_pct - cost_pct AS net_pct
FROM signal_outcome_events
WHERE instrument_id = $1 AND timeframe_id = $2 AND logic_version = $3 AND ts >= $4 AND ts < $5
    AND state <> 'open' AND exit IS NOT NULL
ORDER BY ts
