-- Add a window of moments to those that were computed; nothing is written where it is known already.
INSERT INTO signal_windows AS known (dataset, instrument_id, logic_version, configuration_version, windows)
VALUES (
    %(dataset)s, %(instrument_id)s, %(logic_version)s, %(configuration_version)s,
    tstzmultirange(tstzrange(%(start)s, %(end)s))
)
ON CONFLICT (dataset, instrument_id, logic_version, configuration_version)
DO UPDATE SET windows = known.windows + excluded.windows
WHERE NOT known.windows @> excluded.windows
