-- Functions that everybody may call and that store something, or go on running, whatever a role's rights on
-- tables are: large objects, and TimescaleDB's jobs. No statement of the platform uses them.
DO $doors$
DECLARE
    door regprocedure;
BEGIN
    FOR door IN
        SELECT oid FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN ('lo_creat', 'lo_create', 'lo_from_bytea')
        UNION ALL
        SELECT p.oid FROM pg_proc AS p
        JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
        JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'timescaledb'
        WHERE p.proname = 'add_job'
    LOOP
        IF has_function_privilege('alphapulse_analyst', door, 'EXECUTE') THEN
            EXECUTE format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC', door);
        END IF;
    END LOOP;
END $doors$;
