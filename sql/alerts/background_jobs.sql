-- What TimescaleDB's jobs have not done; dropping what is old first, as that gives room.
SELECT job_id, work, relation, last_success_at, failures_in_a_row, error
FROM background_work_undone()
ORDER BY work DESC, relation
