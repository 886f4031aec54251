-- When an instrument's open interest was told in a window.
SELECT ts, NULL::double precision AS interval_hours
FROM open_interest_readings
WHERE instrument_id = %(instrument_id)s AND ts >= %(start)s AND ts < %(end)s
ORDER BY ts
