-- Whether a stack has ever run on this database, and a Dagster daemon.
SELECT to_regclass('alphapulse_stack') IS NOT NULL AS stack, to_regclass('daemon_heartbeats') IS NOT NULL AS daemon
