INSERT INTO native_differences (instrument_id, timeframe_id, ts, field, native, aggregated)
SELECT %(instrument_id)s, timeframe_id, %(ts)s, %(field)s, %(native)s, %(aggregated)s
FROM timeframes
WHERE timeframe = %(timeframe)s
