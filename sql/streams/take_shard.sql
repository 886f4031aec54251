-- Take a shard for this session; without a wait, and for as long as the session lives.
SELECT pg_try_advisory_lock(%(namespace)s, %(key)s) AS taken
