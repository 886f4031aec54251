CREATE OR REPLACE FUNCTION bar_start(p_length interval, p_ts timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_bin(p_length, p_ts, TIMESTAMPTZ '1970-01-05 00:00:00+00')
$$;
COMMENT ON FUNCTION bar_start(interval, timestamptz) IS 'Open time of the bar that contains a moment; weeks start on Monday.';
