CREATE OR REPLACE FUNCTION rate_limit_acquire(
    p_bucket text, p_weight double precision, p_rate double precision, p_burst double precision,
    p_max_wait double precision,
    OUT granted boolean, OUT wait_seconds double precision, OUT reason text
)
LANGUAGE plpgsql
AS $$
DECLARE
    v_row  rate_limits%ROWTYPE;
    v_now  timestamptz;
    v_next timestamptz;
BEGIN
    INSERT INTO rate_limits (bucket, used_until) VALUES (p_bucket, 'epoch') ON CONFLICT DO NOTHING;
    SELECT * INTO v_row FROM rate_limits r WHERE r.bucket = p_bucket FOR UPDATE;
    v_now := clock_timestamp();
    v_next := greatest(v_row.used_until, v_row.blocked_until, v_now) + make_interval(secs => p_weight / p_rate);
    wait_seconds := greatest(
        0,
        extract(epoch FROM v_next - make_interval(secs => p_burst / p_rate) - v_now),
        extract(epoch FROM greatest(v_row.blocked_until, v_now) - v_now)
    );
    granted := wait_seconds <= p_max_wait;
    reason := CASE WHEN v_row.blocked_until > v_now THEN v_row.reason END;
    IF granted THEN
        UPDATE rate_limits r SET used_until = v_next, updated_at = v_now WHERE r.bucket = p_bucket;
    END IF;
END
$$;
COMMENT ON FUNCTION rate_limit_acquire IS 'Takes weight from a bucket that refills at p_rate per second and holds p_burst; says how long to wait before the request goes out. Nothing is taken when that is longer than p_max_wait seconds.';
