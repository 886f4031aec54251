-- Patterns of the bars from %(since)s on, chart patterns from their breakout on.
SELECT ts, direction, pattern
FROM patterns
WHERE venue = %(venue)s AND symbol = %(symbol)s AND timeframe = %(timeframe)s AND ts >= %(since)s
    AND stage = 'complete' AND family <> 'volume'
