-- Sessions of this database besides ours, and those of Dagster's.
SELECT datname AS database, usename AS role, coalesce(nullif(application_name, ''), 'no name') AS application
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
    AND (datname = current_database() OR datname = %(dagster)s)
ORDER BY 1, 2, 3
