-- The end of the last window of moments that signals of an instrument were computed for.
SELECT upper(windows) AS scored_until
FROM signal_windows
WHERE dataset = 'signals' AND instrument_id = %(instrument_id)s AND logic_version = %(logic_version)s
    AND configuration_version = %(configuration_version)s
