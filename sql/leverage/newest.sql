-- The hour of the newest leverage snapshots of a version.
SELECT max(ts) AS ts FROM leverage_hours WHERE logic_version = %(logic_version)s
