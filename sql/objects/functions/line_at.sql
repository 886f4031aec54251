CREATE OR REPLACE FUNCTION line_at(p_line jsonb, p_moment timestamptz) RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (p_line ->> 1)::double precision
        + ((p_line ->> 3)::double precision - (p_line ->> 1)::double precision)
        * extract(epoch FROM p_moment - (p_line ->> 0)::timestamptz)
        / extract(epoch FROM (p_line ->> 2)::timestamptz - (p_line ->> 0)::timestamptz)
$$;
COMMENT ON FUNCTION line_at(jsonb, timestamptz) IS
    'Price of a chart pattern''s line [t0, p0, t1, p1] at a moment: lines go on straight in clock time.';
