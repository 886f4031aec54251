CREATE OR REPLACE FUNCTION quarantine_out_of_bounds() RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    moved bigint := 0;
    c record;
BEGIN
    -- read first, then by key: a condition on values would unpack every compressed chunk
    FOR c IN
        SELECT o.instrument_id, o.ts, to_jsonb(o) AS payload, o.source_id, b.reasons
        FROM ohlcv_1m AS o
        CROSS JOIN LATERAL out_of_bounds(open, high, low, close, volume, quote_volume, trades, taker_buy_volume) AS b (reasons)
        WHERE b.reasons <> '{}'
    LOOP
        INSERT INTO quarantine AS q (dataset, instrument_id, ts, reasons, payload, source_id)
        SELECT 'ohlcv_1m', i.instrument_id, c.ts, c.reasons, c.payload, c.source_id
        FROM (SELECT c.instrument_id) AS wanted
        LEFT JOIN instruments AS i USING (instrument_id)
        ON CONFLICT (dataset, coalesce(instrument_id, 0), coalesce(provider, ''), coalesce(series, ''),
            coalesce(ts, '-infinity'), digest)
        DO UPDATE SET last_seen = now(), seen = q.seen + 1;
        DELETE FROM ohlcv_1m WHERE instrument_id = c.instrument_id AND ts = c.ts;
        PERFORM mark_ohlcv_dirty(ARRAY[c.instrument_id], ARRAY[(c.ts AT TIME ZONE 'UTC')::date]);
        INSERT INTO gap_ledger (instrument_id, gap_start, gap_end, state, detected_at, reason, next_attempt_at)
        SELECT i.instrument_id, c.ts, c.ts + INTERVAL '1 minute', 'detected', now(),
            'its candle was out of bounds and is in quarantine', now() + INTERVAL '5 minutes'
        FROM instruments AS i
        WHERE i.instrument_id = c.instrument_id AND NOT EXISTS (
            SELECT FROM gap_ledger AS g
            WHERE g.instrument_id = c.instrument_id AND g.dataset = 'ohlcv_1m'
                AND g.gap_start < c.ts + INTERVAL '1 minute' AND g.gap_end > c.ts);
        INSERT INTO refresh_failures (timeframe, instrument_id, day, error, failed_at, resolved_at)
        VALUES ('1m', c.instrument_id, (c.ts AT TIME ZONE 'UTC')::date, format(
            'the candle of %s was out of bounds (%s) and is in quarantine',
            to_char(c.ts AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), array_to_string(c.reasons, ', ')), clock_timestamp(), now())
        ON CONFLICT (timeframe, instrument_id, day) DO UPDATE SET
            error = excluded.error, failed_at = excluded.failed_at, resolved_at = now();
        moved := moved + 1;
    END LOOP;
    RETURN moved;
END $$;
COMMENT ON FUNCTION quarantine_out_of_bounds() IS
    'Move 1m candles beyond all bounds to quarantine, where no sum meets them; returns how many there were.';
