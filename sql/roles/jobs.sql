-- Jobs of TimescaleDB that belong to analysts: they would go on by themselves.
SELECT job_id, owner::text AS role FROM timescaledb_information.jobs WHERE owner::text = ANY (%(roles)s::text[])
