CREATE OR REPLACE FUNCTION background_jobs() RETURNS TABLE (
    job_id integer, work text, relation text, every interval, scheduled boolean, last_run_at timestamptz,
    last_success_at timestamptz, last_status text, runs bigint, failures bigint, failures_in_a_row integer, error text
)
LANGUAGE plpgsql STABLE AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        RETURN;
    END IF;
    -- an infinite time means never; only jobs of relations are ours to look at
    RETURN QUERY EXECUTE $query$
        SELECT j.job_id::integer, j.proc_name::text, coalesce(c.view_name, j.hypertable_name)::text, j.schedule_interval,
            j.scheduled, nullif(s.last_run_started_at, '-infinity'), nullif(s.last_successful_finish, '-infinity'),
            s.last_run_status::text, coalesce(s.total_runs, 0), coalesce(s.total_failures, 0),
            (SELECT count(*) FROM timescaledb_information.job_errors AS e
                WHERE e.job_id = j.job_id AND e.start_time > coalesce(s.last_successful_finish, '-infinity'))::integer,
            (SELECT e.err_message FROM timescaledb_information.job_errors AS e
                WHERE e.job_id = j.job_id ORDER BY e.finish_time DESC NULLS LAST LIMIT 1)
        FROM timescaledb_information.jobs AS j
        LEFT JOIN timescaledb_information.job_stats AS s USING (job_id)
        LEFT JOIN timescaledb_information.continuous_aggregates AS c
            ON (c.materialization_hypertable_schema, c.materialization_hypertable_name)
                = (j.hypertable_schema, j.hypertable_name)
        WHERE j.hypertable_name IS NOT NULL
    $query$;
END $function$;
COMMENT ON FUNCTION background_jobs() IS 'TimescaleDB''s jobs of this database''s relations: packing into columns, dropping what is old. How they went; nothing without TimescaleDB.';
