-- The session with the lock says nothing for days: no server's limit for idle sessions is to end it.
SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'
