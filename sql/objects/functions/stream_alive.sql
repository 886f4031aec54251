CREATE OR REPLACE FUNCTION stream_alive(p_stopped_at timestamptz, p_heartbeat_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT p_stopped_at IS NULL AND p_heartbeat_at > now() - INTERVAL '30 seconds'
$$;
COMMENT ON FUNCTION stream_alive(timestamptz, timestamptz) IS
    'Whether a run of stream_workers lives: it has not stopped, and said within 30 s that it goes on.';
