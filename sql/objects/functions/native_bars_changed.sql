-- Longer bars follow from native ones in the same transaction: of those that touch the window all are built anew, whole ones
-- only, and none where a native bar of that length is there.
CREATE OR REPLACE FUNCTION native_bars_changed(p_instrument_id integer, p_days date[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    t record;
    lo timestamptz := (SELECT min(d)::timestamp AT TIME ZONE 'UTC' FROM unnest(p_days) AS d);
    hi timestamptz := (SELECT (max(d) + 1)::timestamp AT TIME ZONE 'UTC' FROM unnest(p_days) AS d);
BEGIN
    FOR t IN
        SELECT b.timeframe_id, b.length, f.timeframe_id AS finer_id, b.minutes / f.minutes AS parts,
            bar_start(b.length, lo) AS first, bar_start(b.length, hi - INTERVAL '1 us') + b.length AS until
        FROM timeframes AS b
        JOIN timeframes AS f ON f.timeframe = b.finer AND f.timeframe <> '1m'
        ORDER BY b.minutes
    LOOP
        DELETE FROM ohlcv_built AS o
        WHERE o.instrument_id = p_instrument_id AND o.timeframe_id = t.timeframe_id AND o.ts >= t.first AND o.ts < t.until;
        INSERT INTO ohlcv_built
        SELECT p_instrument_id, t.timeframe_id, b.ts, b.open, b.high, b.low, b.close, b.volume, b.quote_volume, b.trades,
            b.taker_buy_volume, b.received_at
        FROM (
            SELECT bar_start(t.length, c.ts) AS ts, (array_agg(c.open ORDER BY c.ts))[1] AS open, max(c.high) AS high,
                min(c.low) AS low, (array_agg(c.close ORDER BY c.ts))[count(*)] AS close, sum(c.volume) AS volume,
                -- a sum is null unless every part is known: a partial sum would be a made-up number
                CASE WHEN count(c.quote_volume) = count(*) THEN sum(c.quote_volume) END AS quote_volume,
                CASE WHEN count(c.trades) = count(*) THEN sum(c.trades)::bigint END AS trades,
                CASE WHEN count(c.taker_buy_volume) = count(*) THEN sum(c.taker_buy_volume) END AS taker_buy_volume,
                max(c.received_at) AS received_at
            FROM coarse_bars AS c
            WHERE c.instrument_id = p_instrument_id AND c.timeframe_id = t.finer_id AND c.ts >= t.first AND c.ts < t.until
            GROUP BY 1
            HAVING count(*) = t.parts
        ) AS b
        WHERE NOT EXISTS (
            SELECT FROM ohlcv_native AS n
            WHERE n.instrument_id = p_instrument_id AND n.timeframe_id = t.timeframe_id AND n.ts = b.ts
        );
    END LOOP;
    PERFORM mark_derived_dirty(array_fill(p_instrument_id, ARRAY[cardinality(p_days)]), p_days);
END $$;
COMMENT ON FUNCTION native_bars_changed(integer, date[]) IS
    'Native bars of an instrument and days changed: build longer bars of them, and mark what is derived as due. Call it in the transaction that changes them.';
