CREATE OR REPLACE FUNCTION compare_indicators(
    p_first integer, p_second integer, p_start timestamptz, p_end timestamptz
) RETURNS TABLE (
    venue text, symbol text, timeframe text, ts timestamptz, indicator text, first_value double precision,
    second_value double precision, difference double precision
) LANGUAGE sql STABLE AS $$
    SELECT i.venue, i.symbol, t.timeframe, a.ts, x.key, x.value::double precision, y.value::double precision,
        y.value::double precision - x.value::double precision
    FROM indicator_values AS a
    JOIN indicator_values AS b USING (instrument_id, timeframe_id, ts)
    JOIN instruments AS i USING (instrument_id)
    JOIN timeframes AS t USING (timeframe_id)
    CROSS JOIN LATERAL jsonb_each_text(to_jsonb(a)) AS x
    JOIN LATERAL jsonb_each_text(to_jsonb(b)) AS y USING (key)
    WHERE a.logic_version = p_first AND b.logic_version = p_second
        AND a.ts >= p_start AND a.ts < p_end AND b.ts >= p_start AND b.ts < p_end
        AND x.key NOT IN ('instrument_id', 'timeframe_id', 'ts', 'logic_version', 'known_at', 'created_at')
        AND x.value IS DISTINCT FROM y.value
    ORDER BY 1, 2, 3, 4, 5
$$;
COMMENT ON FUNCTION compare_indicators(integer, integer, timestamptz, timestamptz) IS
    'Where two versions of the indicators differ in [start, end): a row per bar and indicator.';
