-- Let TimescaleDB's policies of our tables run, or rest.
SELECT alter_job(job_id, scheduled => %s)
FROM timescaledb_information.jobs WHERE hypertable_schema = 'public'
