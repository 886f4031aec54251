-- When an instrument's funding was settled in a window, and for how many hours.
SELECT ts, interval_hours
FROM funding_settlements
WHERE instrument_id = %(instrument_id)s AND ts >= %(start)s AND ts < %(end)s
ORDER BY ts
