-- The bars of refresh_stretches; null, or what the server said against them: then nothing of it was kept.
CREATE OR REPLACE FUNCTION refresh_stretches_of(t timeframes) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'WITH fresh AS MATERIALIZED (
            SELECT r.instrument_id, b.*
            FROM refresh_stretches AS r
            CROSS JOIN LATERAL (
                SELECT bar_start($1, ts) AS ts,
                    (array_agg(open ORDER BY s.ts))[1] AS open, max(high) AS high, min(low) AS low,
                    (array_agg(close ORDER BY s.ts))[count(*)] AS close,
                    sum(volume) AS volume,
                    CASE WHEN count(quote_volume) = count(*) THEN sum(quote_volume) END AS quote_volume,
                    CASE WHEN count(trades) = count(*) THEN sum(trades)::bigint END AS trades,
                    CASE WHEN count(taker_buy_volume) = count(*) THEN sum(taker_buy_volume) END AS taker_buy_volume,
                    %3$s AS bars, max(received_at) AS received_at
                FROM %2$I AS s
                WHERE s.instrument_id = r.instrument_id AND s.ts >= r.lo AND s.ts < r.hi
                GROUP BY bar_start($1, s.ts)
            ) AS b
        ), vanished AS (
            -- a bar whose candles are all gone (a correction can move rows to quarantine) goes too
            DELETE FROM %1$I AS b USING refresh_stretches AS r
            WHERE b.instrument_id = r.instrument_id AND b.ts >= r.lo AND b.ts < r.hi
                AND NOT EXISTS (SELECT FROM fresh AS f WHERE f.instrument_id = b.instrument_id AND f.ts = b.ts)
        )
        INSERT INTO %1$I AS old (instrument_id, ts, open, high, low, close, volume, quote_volume, trades,
            taker_buy_volume, bars, received_at)
        SELECT * FROM fresh ORDER BY instrument_id, ts
        ON CONFLICT (instrument_id, ts) DO UPDATE SET
            open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
            volume = excluded.volume, quote_volume = excluded.quote_volume, trades = excluded.trades,
            taker_buy_volume = excluded.taker_buy_volume, bars = excluded.bars, received_at = excluded.received_at
        WHERE (old.open, old.high, old.low, old.close, old.volume, old.quote_volume, old.trades,
                old.taker_buy_volume, old.bars)
            IS DISTINCT FROM
            (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume, excluded.quote_volume,
                excluded.trades, excluded.taker_buy_volume, excluded.bars)',
        'ohlcv_' || t.timeframe, 'ohlcv_' || t.finer,
        CASE t.finer WHEN '1m' THEN 'count(*)' ELSE 'sum(bars)::bigint' END)
    USING t.length;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    -- a full disk, a lost server, a deadlock are nobody's candles: those end the refresh, which is tried again
    IF left(SQLSTATE, 2) IN ('40', '53', '54', '55', '57', '58', 'XX') THEN
        RAISE;
    END IF;
    RETURN SQLERRM;
END $$;
COMMENT ON FUNCTION refresh_stretches_of(timeframes) IS
    'Build the bars of refresh_stretches; null, or why that failed: then nothing of it was kept.';
