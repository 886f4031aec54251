-- Without a window: the days that are dirty, but for those that failed lately. With one: every bar that touches it,
-- dirty or not. A day stays dirty while the next finer timeframe has not caught up with it: the change may have come
-- after that one was refreshed. Call it in autocommit, finest timeframe first (refresh_all_ohlcv does); one caller a
-- timeframe at a time.
-- TimescaleDB refreshes all instruments of a stretch together; what could fail there, a sum beyond its type, the bounds
-- of the table rule out.
CREATE OR REPLACE PROCEDURE refresh_ohlcv(
    p_timeframe text, p_from timestamptz DEFAULT NULL, p_to timestamptz DEFAULT NULL,
    p_instrument_ids integer[] DEFAULT NULL
) LANGUAGE plpgsql AS $$
DECLARE
    t timeframes;
    taken bigint[];
    windows tstzmultirange;
    stretch tstzrange;
    -- the bar that is forming stays with the real-time part: materialising it would freeze it
    closed_end timestamptz;
    -- newer servers refresh in batches of ten buckets unless told otherwise: ten times slower for history
    whole boolean := EXISTS (
        SELECT FROM pg_proc WHERE proname = 'refresh_continuous_aggregate' AND 'options' = ANY (proargnames));
BEGIN
    SELECT * INTO STRICT t FROM timeframes WHERE timeframe = p_timeframe AND finer IS NOT NULL;
    closed_end := bar_start(t.length, now());
    SELECT array_agg(d.seq) FILTER (WHERE bar_start(t.length, d.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '24 hours - 1 us')
            + t.length <= closed_end AND NOT EXISTS (
                SELECT FROM ohlcv_dirty AS f
                WHERE f.timeframe = t.finer AND f.instrument_id = d.instrument_id AND f.day = d.day)),
        range_agg(tstzrange(
            bar_start(t.length, d.day::timestamp AT TIME ZONE 'UTC'),
            least(closed_end, bar_start(t.length, d.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '24 hours - 1 us') + t.length)))
            FILTER (WHERE bar_start(t.length, d.day::timestamp AT TIME ZONE 'UTC') < closed_end)
    INTO taken, windows
    FROM ohlcv_dirty AS d WHERE d.timeframe = p_timeframe AND NOT is_refresh_held(d);
    windows := coalesce(windows, '{}');
    IF p_from < p_to AND bar_start(t.length, p_from) < closed_end THEN
        windows := windows + tstzmultirange(tstzrange(
            bar_start(t.length, p_from),
            least(closed_end, bar_start(t.length, p_to - INTERVAL '1 us') + t.length)));
    END IF;
    FOR stretch IN SELECT unnest(windows) LOOP
        IF whole THEN
            CALL refresh_continuous_aggregate(('ohlcv_' || p_timeframe)::regclass, lower(stretch), upper(stretch),
                options => '{"buckets_per_batch": 0}');
        ELSE
            CALL refresh_continuous_aggregate(('ohlcv_' || p_timeframe)::regclass, lower(stretch), upper(stretch));
        END IF;
    END LOOP;
    DELETE FROM ohlcv_dirty WHERE timeframe = p_timeframe AND seq = ANY (taken);
END $$;
COMMENT ON PROCEDURE refresh_ohlcv(text, timestamptz, timestamptz, integer[]) IS
    'Bring one timeframe up to date: the dirty days, or every bar touching [from, to).';
