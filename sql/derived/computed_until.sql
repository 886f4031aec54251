-- The end of the last window of an instrument and timeframe that a version was computed for.
SELECT upper(windows) AS computed_until
FROM derived_windows
WHERE dataset = %(dataset)s AND instrument_id = %(instrument_id)s AND timeframe_id = %(timeframe_id)s
    AND logic_version = %(logic_version)s
