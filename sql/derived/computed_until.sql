-- The end of the last window that a data set was computed for in a version, by instrument and timeframe.
SELECT instrument_id, timeframe_id, upper(windows) AS computed_until
FROM derived_windows
WHERE dataset = %(dataset)s AND logic_version = %(logic_version)s
