-- The newest bars of a symbol in milliseconds. Each timeframe is a branch of the view that carries its name as a
-- constant, so that `timeframe = '4h'` leaves one table to be read, not all of them; and each is read for one
-- instrument after the other (lateral), so that TimescaleDB's aggregates, through which PostgreSQL hands no join
-- down, read the bars of the symbol that was asked for and not those of all.

CREATE OR REPLACE VIEW ohlcv AS
SELECT i.venue, i.symbol, b.timeframe, b.ts, b.open, b.high, b.low, b.close, b.volume, b.quote_volume, b.trades,
    b.taker_buy_volume, b.bars, b.minutes AS expected_bars, b.bars = b.minutes AS complete, b.bars IS NULL AS native,
    s.source, b.received_at, b.ts + b.minutes * INTERVAL '1 minute' AS known_at, 1 AS logic_version, i.instrument_id
FROM instruments AS i
CROSS JOIN LATERAL (
    SELECT '1m'::text AS timeframe, 1 AS minutes, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
        1::bigint AS bars, source_id, received_at
    FROM ohlcv_1m AS b WHERE b.instrument_id = i.instrument_id
    UNION ALL
    SELECT '5m', 5, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
        bars, NULL, received_at
    FROM ohlcv_5m AS b WHERE b.instrument_id = i.instrument_id
    UNION ALL
    SELECT '15m', 15, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
        bars, NULL, received_at
    FROM ohlcv_15m AS b WHERE b.instrument_id = i.instrument_id
    UNION ALL
    SELECT '1h', 60, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
        bars, NULL, received_at
    FROM ohlcv_1h AS b WHERE b.instrument_id = i.instrument_id
    UNION ALL
    SELECT '4h', 240, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
        bars, NULL, received_at
    FROM ohlcv_4h AS b WHERE b.instrument_id = i.instrument_id
    UNION ALL
    SELECT '1d', 1440, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
        bars, NULL, received_at
    FROM ohlcv_1d AS b WHERE b.instrument_id = i.instrument_id
    UNION ALL
    SELECT '1w', 10080, ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume,
        bars, NULL, received_at
    FROM ohlcv_1w AS b WHERE b.instrument_id = i.instrument_id
    UNION ALL
    -- native bars stand in where there is no minute candle to aggregate
    SELECT f.timeframe, f.minutes, n.ts, n.open, n.high, n.low, n.close, n.volume, n.quote_volume, n.trades,
        n.taker_buy_volume, NULL, n.source_id, n.received_at
    FROM ohlcv_native AS n
    JOIN timeframes AS f USING (timeframe_id)
    WHERE n.instrument_id = i.instrument_id AND (f.finer IS NULL OR NOT EXISTS (
        SELECT FROM ohlcv_1m AS m
        WHERE m.instrument_id = n.instrument_id AND m.ts >= n.ts AND m.ts < n.ts + f.length
    ))
) AS b
LEFT JOIN sources AS s USING (source_id)
WHERE b.ts <= now() - b.minutes * INTERVAL '1 minute';

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
