CREATE OR REPLACE FUNCTION background_work_undone() RETURNS TABLE (
    job_id integer, work text, relation text, last_success_at timestamptz, failures_in_a_row integer, error text
)
LANGUAGE sql STABLE AS $function$
    SELECT b.job_id, b.work, b.relation, b.last_success_at, b.failures_in_a_row, b.error
    FROM background_jobs() AS b
    WHERE b.scheduled AND CASE
        -- one failure may be a restart's; two, or one before it ever succeeded, are not
        WHEN b.failures_in_a_row >= 2 OR (b.failures_in_a_row = 1 AND b.last_success_at IS NULL) THEN true
        WHEN b.last_success_at IS NOT NULL THEN
            b.last_success_at < clock_timestamp() - 2 * b.every - INTERVAL '1 hour'
        -- never run: nobody starts jobs; how long there was time for it is known from when sizes were first measured
        ELSE EXISTS (SELECT FROM database_sizes AS s WHERE s.at < clock_timestamp() - 2 * b.every - INTERVAL '1 hour')
    END
$function$;
COMMENT ON FUNCTION background_work_undone() IS 'TimescaleDB''s jobs that keep failing, or have not succeeded for two of their intervals; nothing without TimescaleDB.';
