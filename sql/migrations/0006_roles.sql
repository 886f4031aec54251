-- A read-only role for analysts. Password and statement timeout are set when migrations are applied
-- (ALPHAPULSE_ANALYST_PASSWORD, ALPHAPULSE_ANALYST_TIMEOUT_SECONDS): no secret stands in a file.

DO $role$
BEGIN
    -- roles belong to the server, not to the database: another database, or an administrator, may have made it
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'alphapulse_analyst') THEN
        CREATE ROLE alphapulse_analyst NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END $role$;
DO $grants$
BEGIN
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO alphapulse_analyst', current_database());
    GRANT USAGE ON SCHEMA public TO alphapulse_analyst;
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO alphapulse_analyst;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO alphapulse_analyst;
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
END $grants$;
