-- The request budgets of the venues, shared by every process that uses this database.
-- One row per bucket, one short transaction per request: the row lock is held for microseconds.

CREATE TABLE IF NOT EXISTS rate_limits (
    bucket        text PRIMARY KEY,
    used_until    timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL DEFAULT 'epoch',
    reason        text,
    updated_at    timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);

COMMENT ON TABLE rate_limits IS 'Request budget of each venue, shared by all processes (GCRA, the leaky bucket as a meter).';
COMMENT ON COLUMN rate_limits.bucket IS 'Name of the budget: a venue, or one of its hosts.';
COMMENT ON COLUMN rate_limits.used_until IS 'Theoretical arrival time: the weight handed out so far lasts until then at the steady rate.';
COMMENT ON COLUMN rate_limits.blocked_until IS 'No request before this time: the venue has banned us or asked to wait; 1970 when it never did.';
COMMENT ON COLUMN rate_limits.reason IS 'Why it was blocked last.';
COMMENT ON COLUMN rate_limits.updated_at IS 'Last change of the row.';

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

CREATE OR REPLACE FUNCTION rate_limit_penalize(p_bucket text, p_until timestamptz, p_reason text)
RETURNS void
LANGUAGE sql
AS $$
    INSERT INTO rate_limits AS r (bucket, used_until, blocked_until, reason)
    VALUES (p_bucket, 'epoch', p_until, p_reason)
    ON CONFLICT (bucket) DO UPDATE
    SET blocked_until = excluded.blocked_until, reason = excluded.reason, updated_at = clock_timestamp()
    WHERE r.blocked_until < excluded.blocked_until
$$;

COMMENT ON FUNCTION rate_limit_penalize IS 'Blocks a bucket for every process until a time; a longer block that stands already stays.';

CREATE OR REPLACE FUNCTION rate_limit_blocked_seconds(p_bucket text)
RETURNS double precision
LANGUAGE sql
AS $$
    SELECT coalesce(
        (SELECT greatest(0, extract(epoch FROM blocked_until - clock_timestamp()))::double precision
         FROM rate_limits WHERE bucket = p_bucket AND blocked_until > clock_timestamp()), 0)
$$;

COMMENT ON FUNCTION rate_limit_blocked_seconds IS 'Seconds for which a bucket is still blocked; 0 when it is not.';
