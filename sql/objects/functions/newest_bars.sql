-- PostgreSQL sees no order through a join by names, so the view reads and sorts all bars of the symbol's timeframe
-- for its newest ten: a year of minutes takes a tenth of a second. Here the newest minute says where they should be,
-- and only where bars are missing there all are read. The key stands in the inner statements as a constant, without
-- which TimescaleDB plans for all chunks.
CREATE OR REPLACE FUNCTION newest_bars(p_venue text, p_symbol text, p_timeframe text, p_count integer DEFAULT 500)
RETURNS SETOF ohlcv LANGUAGE plpgsql STABLE AS $$
DECLARE
    t timeframes;
    id integer;
    since timestamptz;
    bars text;
    found integer;
BEGIN
    SELECT * INTO t FROM timeframes WHERE timeframe = p_timeframe;
    IF t IS NULL THEN
        RAISE EXCEPTION 'timeframe % is not known', quote_nullable(p_timeframe)
            USING HINT = (SELECT 'use one of ' || string_agg(timeframe, ', ' ORDER BY minutes) FROM timeframes);
    END IF;
    SELECT instrument_id INTO id FROM instruments WHERE venue = p_venue AND symbol = p_symbol;
    IF id IS NULL THEN
        RAISE EXCEPTION 'there is no instrument % at %', quote_nullable(p_symbol), quote_nullable(p_venue)
            USING HINT = 'SELECT venue, symbol FROM instruments lists them';
    END IF;
    bars := format('FROM ohlcv WHERE instrument_id = %s AND timeframe = %L AND ts >= ', id, p_timeframe);
    IF t.length < INTERVAL '24 hours' THEN  -- of longer ones there are few
        EXECUTE format('SELECT ts FROM ohlcv_1m WHERE instrument_id = %s ORDER BY ts DESC LIMIT 1', id) INTO since;
        since := bar_start(t.length, since) - p_count * t.length;
        EXECUTE format('SELECT count(*) %s %L', bars, coalesce(since, 'infinity')) INTO found;
    END IF;
    RETURN QUERY EXECUTE format('SELECT * %s %L ORDER BY ts DESC LIMIT %s',
        bars, CASE WHEN found >= p_count THEN since ELSE '-infinity' END, p_count);
END $$;
COMMENT ON FUNCTION newest_bars(text, text, text, integer) IS
    'The newest closed bars of a symbol and timeframe, newest first: rows of the view ohlcv, in milliseconds.';
