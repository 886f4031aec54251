-- End a session that is still open on the server although its client lost it.
SELECT pg_terminate_backend(pid) AS ended
FROM pg_stat_activity
WHERE pid = %(pid)s AND application_name = %(application)s
