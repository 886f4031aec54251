SELECT ts FROM ohlcv_1m
WHERE instrument_id = %(instrument_id)s AND ts >= %(start)s AND ts < %(end)s
ORDER BY ts
