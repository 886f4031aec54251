-- Signals of the bars from %(since)s on that have a plan.
SELECT ts, known_at, signal, score, entry, stop, target
FROM signals
WHERE venue = %(venue)s AND symbol = %(symbol)s AND timeframe = %(timeframe)s AND ts >= %(since)s AND stop IS NOT NULL
