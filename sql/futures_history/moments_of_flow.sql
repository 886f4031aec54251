-- At which moments an instrument's taker flow is told in a window.
SELECT ts, NULL::double precision AS interval_hours
FROM taker_flow_periods
WHERE instrument_id = %(instrument_id)s AND ts >= %(start)s AND ts < %(end)s AND timeframe_id = 5
ORDER BY ts
