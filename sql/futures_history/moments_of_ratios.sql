-- At which moments all kinds of ratios of an instrument (series is how many) are told in a window.
SELECT ts, NULL::double precision AS interval_hours
FROM long_short_readings
WHERE instrument_id = %(instrument_id)s AND ts >= %(start)s AND ts < %(end)s AND timeframe_id = 5
GROUP BY ts
HAVING count(*) >= %(series)s
ORDER BY ts
