-- Decided outcomes of signals from $1 on that were known by $2, of configuration $3, in the newest versions; the newest $4.
SELECT v.instrument_id, v.venue || ' ' || v.symbol AS symbol, v.timeframe, v.signal, v.side, v.trigger, v.regime, v.told_at,
    v.entry_at, v.entry, v.closed_at, v.exit, v.known_at, v.state, v.bars, v.gross_pct, v.cost_pct, v.gross_r, v.cost_r,
    v.planned_entry, v.size
FROM signal_outcomes AS v
WHERE v.ts >= $1 AND v.known_at <= $2 AND v.configuration_version = $3 AND v.gross_pct IS NOT NULL
ORDER BY v.told_at DESC, v.instrument_id, v.timeframe_id
LIMIT $4
