CREATE OR REPLACE FUNCTION is_cut_by_server(p_table text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    found boolean := false;
BEGIN
    IF to_regclass('timescaledb_information.jobs') IS NOT NULL THEN
        EXECUTE 'SELECT EXISTS (SELECT FROM timescaledb_information.jobs
            WHERE proc_name = ''policy_retention''
                AND to_regclass(format(''%I.%I'', hypertable_schema, hypertable_name)) = to_regclass($1))'
        INTO found USING p_table;
    END IF;
    RETURN found;
END $$;
COMMENT ON FUNCTION is_cut_by_server(text) IS
    'Whether the server drops old rows of this table by itself (a retention policy of TimescaleDB). Elsewhere they are deleted row by row, by the job purge_refreshes.';
