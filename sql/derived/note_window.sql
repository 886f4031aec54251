-- Add a window to those that were computed; nothing is written where it is known already.
INSERT INTO derived_windows AS known (dataset, instrument_id, timeframe_id, logic_version, windows)
VALUES (
    %(dataset)s, %(instrument_id)s, %(timeframe_id)s, %(logic_version)s,
    tstzmultirange(tstzrange(%(start)s, %(end)s))
)
ON CONFLICT (dataset, instrument_id, timeframe_id, logic_version)
DO UPDATE SET windows = known.windows + excluded.windows
WHERE NOT known.windows @> excluded.windows
