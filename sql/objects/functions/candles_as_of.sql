-- What a correction replaced is in ohlcv_revisions, minute by minute and for venues' own bars: any past state can be
-- told. Aggregates keep none: longer bars are made of the minutes as they were known then.
CREATE OR REPLACE FUNCTION candles_as_of(
    p_instrument_ids integer[], p_timeframe text, p_as_of timestamptz, p_since timestamptz, p_before timestamptz,
    p_count integer, p_oldest_first boolean DEFAULT false
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
    direction constant text := CASE WHEN p_oldest_first THEN 'ASC' ELSE 'DESC' END;
BEGIN
    SELECT * INTO t FROM timeframes WHERE timeframe = p_timeframe;
    IF t IS NULL THEN
        RAISE EXCEPTION 'timeframe % is not known', quote_nullable(p_timeframe)
            USING HINT = (SELECT 'use one of ' || string_agg(timeframe, ', ' ORDER BY minutes) FROM timeframes);
    END IF;
    -- what was closed then
    before := least(coalesce(p_before, 'infinity'), least(p_as_of, now()) - t.length + INTERVAL '1 us');
    bars := format(
        'WITH known AS (
            SELECT DISTINCT ON (v.ts) v.*
            FROM (
                SELECT %1$s, source_id, received_at FROM ohlcv_1m
                WHERE instrument_id = %%1$s AND ts >= %%2$L AND ts < %%3$L::timestamptz + %6$L AND received_at <= %2$L
                UNION ALL
                SELECT %1$s, source_id, received_at FROM ohlcv_revisions
                WHERE instrument_id = %%1$s AND timeframe_id = 1 AND ts >= %%2$L AND ts < %%3$L::timestamptz + %6$L
                    AND received_at <= %2$L AND revised_at > %2$L
            ) AS v
            ORDER BY v.ts, v.received_at DESC
        ), native AS (
            SELECT DISTINCT ON (v.ts) v.*
            FROM (
                SELECT %1$s, source_id, received_at FROM ohlcv_native
                WHERE instrument_id = %%1$s AND timeframe_id = %3$s AND ts >= %%2$L AND ts < %%3$L AND received_at <= %2$L
                UNION ALL
                SELECT %1$s, source_id, received_at FROM ohlcv_revisions
                WHERE instrument_id = %%1$s AND timeframe_id = %3$s AND %3$s <> 1 AND ts >= %%2$L AND ts < %%3$L
                    AND received_at <= %2$L AND revised_at > %2$L
            ) AS v
            ORDER BY v.ts, v.received_at DESC
        ), made AS (
            SELECT bar_start(%5$L, k.ts) AS ts, (array_agg(k.open ORDER BY k.ts))[1] AS open, max(k.high) AS high,
                min(k.low) AS low, (array_agg(k.close ORDER BY k.ts DESC))[1] AS close, sum(k.volume) AS volume,
                CASE WHEN count(k.quote_volume) = count(*) THEN sum(k.quote_volume) END AS quote_volume,
                CASE WHEN count(k.trades) = count(*) THEN sum(k.trades)::bigint END AS trades,
                CASE WHEN count(k.taker_buy_volume) = count(*) THEN sum(k.taker_buy_volume) END AS taker_buy_volume,
                count(*) AS bars, CASE WHEN %4$s = 1 THEN max(k.source_id) END AS source_id,
                max(k.received_at) AS received_at
            FROM known AS k
            GROUP BY bar_start(%5$L, k.ts)
        )
        SELECT i.venue, i.symbol, %7$L, b.ts, b.open, b.high, b.low, b.close, b.volume, b.quote_volume, b.trades,
            b.taker_buy_volume, b.bars, %4$s, b.bars = %4$s, b.bars IS NULL, s.source, b.received_at,
            b.ts + INTERVAL %5$L, 1, i.instrument_id
        FROM (
            SELECT * FROM made AS m
            WHERE m.ts >= %%2$L AND m.ts < %%3$L AND (m.bars = %4$s OR NOT EXISTS (SELECT FROM native AS n WHERE n.ts = m.ts))
            UNION ALL
            SELECT n.ts, n.open, n.high, n.low, n.close, n.volume, n.quote_volume, n.trades, n.taker_buy_volume, NULL,
                n.source_id, n.received_at
            FROM native AS n WHERE NOT EXISTS (SELECT FROM made AS m WHERE m.ts = n.ts AND m.bars = %4$s)
        ) AS b
        JOIN instruments AS i ON i.instrument_id = %%1$s
        LEFT JOIN sources AS s USING (source_id)
        ORDER BY b.ts %8$s LIMIT %%4$s',
        columns, p_as_of, t.timeframe_id, t.minutes, t.length, t.length - INTERVAL '1 minute', t.timeframe, direction);
    FOREACH id IN ARRAY p_instrument_ids LOOP
        EXECUTE format(
            'SELECT ts FROM ohlcv_1m WHERE instrument_id = %s AND ts >= %L AND ts < %L ORDER BY ts %s LIMIT 1',
            id, since, CASE WHEN p_oldest_first THEN before ELSE before + t.length END, direction) INTO near;
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
COMMENT ON FUNCTION candles_as_of(integer[], text, timestamptz, timestamptz, timestamptz, integer, boolean) IS
    'Bars of instruments as they were known at a time: closed and received by then, before later corrections; longer ones made of the minutes of then.';
