CREATE OR REPLACE FUNCTION bar_id(p_venue text, p_symbol text, p_timeframe text, p_ts timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT p_venue || '/' || regexp_replace(p_symbol, '/', '-') || '/' || p_timeframe || '/' || to_char(p_ts AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"')
$$;
COMMENT ON FUNCTION bar_id(text, text, text, timestamptz) IS
    'What names a bar for ever, as text and as a path: venue/symbol with a dash/timeframe/open time in UTC.';
