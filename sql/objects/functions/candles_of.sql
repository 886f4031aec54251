-- As in newest_bars, an order by time is not seen through the view's joins; and TimescaleDB's timeframes aggregate what
-- is newest as they are read. So each instrument's bars are read by its key, as a constant, and first only as far from
-- the newest (oldest) minute as that many bars reach; only where bars are missing there all others are read.
CREATE OR REPLACE FUNCTION candles_of(
    p_instrument_ids integer[], p_timeframe text, p_since timestamptz, p_before timestamptz, p_count integer,
    p_oldest_first boolean DEFAULT false
)
RETURNS SETOF ohlcv LANGUAGE plpgsql STABLE AS $$
DECLARE
    t timeframes;
    id integer;
    since timestamptz := coalesce(p_since, '-infinity');
    before timestamptz;
    near timestamptz;
    found_rows integer;
    bars text;
    columns constant text := 'ts, open, high, low, close, volume, quote_volume, trades, taker_buy_volume';
    nearest constant text := 'SELECT ts FROM ohlcv_1m WHERE instrument_id = %s AND ts >= %L AND ts < %L ORDER BY ts %s LIMIT 1';
    direction constant text := CASE WHEN p_oldest_first THEN 'ASC' ELSE 'DESC' END;
BEGIN
    SELECT * INTO t FROM timeframes WHERE timeframe = p_timeframe;
    IF t IS NULL THEN
        RAISE EXCEPTION 'timeframe % is not known', quote_nullable(p_timeframe)
            USING HINT = (SELECT 'use one of ' || string_agg(timeframe, ', ' ORDER BY minutes) FROM timeframes);
    END IF;
    before := least(coalesce(p_before, 'infinity'), now() - t.length + INTERVAL '1 us');
    -- a template in its turn: 1 the instrument, 2 and 3 the window, 4 the number of bars
    bars := format(
        'SELECT i.venue, i.symbol, %L, b.ts, b.open, b.high, b.low, b.close, b.volume, b.quote_volume, b.trades,
            b.taker_buy_volume, b.bars, %s, b.bars = %s, b.bars IS NULL, s.source, b.received_at,
            b.ts + INTERVAL %L, 1, i.instrument_id
        FROM (
            (SELECT %s, %s AS bars, %s AS source_id, received_at FROM %I AS a
            WHERE instrument_id = %%1$s AND ts >= %%2$L AND ts < %%3$L %s ORDER BY ts %s LIMIT %%4$s)
            UNION ALL
            (SELECT %s, NULL, source_id, received_at FROM coarse_bars AS n
            WHERE instrument_id = %%1$s AND timeframe_id = %s AND ts >= %%2$L AND ts < %%3$L AND (%L OR NOT EXISTS (
                SELECT FROM ohlcv_1m AS m
                WHERE m.instrument_id = %%1$s AND m.ts >= n.ts AND m.ts < n.ts + INTERVAL %L
                    AND m.ts >= %%2$L AND m.ts < %%3$L::timestamptz + INTERVAL %L
            ) OR NOT is_whole(n.instrument_id, n.timeframe_id, n.ts))
            ORDER BY ts %s LIMIT %%4$s)
        ) AS b
        JOIN instruments AS i ON i.instrument_id = %%1$s
        LEFT JOIN sources AS s USING (source_id)
        ORDER BY b.ts %s LIMIT %%4$s',
        t.timeframe, t.minutes, t.minutes, t.length,
        columns, CASE WHEN t.finer IS NULL THEN '1::bigint' ELSE 'bars' END,
        CASE WHEN t.finer IS NULL THEN 'source_id' ELSE 'NULL::smallint' END,
        'ohlcv_' || CASE WHEN t.finer IS NULL THEN '1m' ELSE t.timeframe END,
        CASE WHEN t.finer IS NULL THEN CASE WHEN t.minutes > 1 THEN 'AND false' END  -- such bars are never made of minutes
        ELSE format('AND (bars = %s OR NOT EXISTS (SELECT FROM coarse_bars AS c
            WHERE c.instrument_id = %%1$s AND c.timeframe_id = %s AND c.ts = a.ts))', t.minutes, t.timeframe_id) END,
        direction, columns, t.timeframe_id, t.finer IS NULL, t.length, t.length, direction, direction);
    FOREACH id IN ARRAY p_instrument_ids LOOP
        near := NULL;
        IF t.length < INTERVAL '24 hours' THEN  -- of longer ones there are few
            -- most have minutes close by: there, few chunks are to be planned for
            IF p_oldest_first THEN
                EXECUTE format(nearest, id, since, least(before, since + INTERVAL '48 hours'), direction) INTO near;
            ELSE
                EXECUTE format(nearest, id, greatest(since, before - INTERVAL '48 hours'), before + t.length, direction) INTO near;
            END IF;
            IF near IS NULL THEN
                EXECUTE format(nearest, id, since, before + t.length, direction) INTO near;
            END IF;
        END IF;
        IF near IS NULL THEN
            RETURN QUERY EXECUTE format(bars, id, since, before, p_count);
        ELSIF p_oldest_first THEN
            near := least(before, bar_start(t.length, near) + p_count * t.length);
            RETURN QUERY EXECUTE format(bars, id, since, near, p_count);
            GET DIAGNOSTICS found_rows = ROW_COUNT;
            IF found_rows < p_count AND near < before THEN
                RETURN QUERY EXECUTE format(bars, id, near, before, p_count - found_rows);
            END IF;
        ELSE
            near := greatest(since, bar_start(t.length, least(near, before)) - p_count * t.length);
            RETURN QUERY EXECUTE format(bars, id, near, before, p_count);
            GET DIAGNOSTICS found_rows = ROW_COUNT;
            IF found_rows < p_count AND near > since THEN
                RETURN QUERY EXECUTE format(bars, id, since, near, p_count - found_rows);
            END IF;
        END IF;
    END LOOP;
END $$;
COMMENT ON FUNCTION candles_of(integer[], text, timestamptz, timestamptz, integer, boolean) IS
    'Closed bars of instruments in [since, before), of each the newest (or oldest) p_count: rows of the view ohlcv, read by key.';
