-- What this database and its server have of TimescaleDB, and of our schema.
SELECT
    (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS installed,
    (SELECT default_version FROM pg_available_extensions WHERE name = 'timescaledb') AS available,
    to_regclass('public.ohlcv_1m') IS NOT NULL AS has_schema,
    current_database() AS database,
    current_user AS role
