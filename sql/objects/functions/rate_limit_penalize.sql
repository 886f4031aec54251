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
