-- Take the right to run a stack on this database; a session holds it until it ends.
SELECT pg_try_advisory_lock(%(namespace)s, 0) AS taken
