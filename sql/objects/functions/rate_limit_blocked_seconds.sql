CREATE OR REPLACE FUNCTION rate_limit_blocked_seconds(p_bucket text)
RETURNS double precision
LANGUAGE sql
AS $$
    SELECT coalesce(
        (SELECT greatest(0, extract(epoch FROM blocked_until - clock_timestamp()))::double precision
         FROM rate_limits WHERE bucket = p_bucket AND blocked_until > clock_timestamp()), 0)
$$;
COMMENT ON FUNCTION rate_limit_blocked_seconds IS 'Seconds for which a bucket is still blocked; 0 when it is not.';
