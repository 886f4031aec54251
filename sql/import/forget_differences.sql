-- Differences of a window are found anew as a whole.
DELETE FROM native_differences AS d
USING timeframes AS t
WHERE d.timeframe_id = t.timeframe_id AND d.instrument_id = %(instrument_id)s AND t.timeframe = %(timeframe)s
    AND d.ts >= %(start)s AND d.ts < %(end)s
