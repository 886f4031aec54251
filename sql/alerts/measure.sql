-- The size of the database, once an hour.
INSERT INTO database_sizes (at, bytes)
SELECT date_trunc('hour', now()), pg_database_size(current_database())
WHERE NOT EXISTS (SELECT FROM database_sizes WHERE at = date_trunc('hour', now()))
ON CONFLICT (at) DO NOTHING
