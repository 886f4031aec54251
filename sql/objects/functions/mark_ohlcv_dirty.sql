CREATE OR REPLACE FUNCTION mark_ohlcv_dirty(p_instrument_ids integer[], p_days date[]) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO ohlcv_dirty (timeframe, instrument_id, day)
    SELECT t.timeframe, d.instrument_id, d.day
    FROM (SELECT DISTINCT * FROM unnest(p_instrument_ids, p_days) AS u (instrument_id, day)) AS d
    CROSS JOIN timeframes AS t
    WHERE t.finer IS NOT NULL
    ORDER BY t.timeframe, d.instrument_id, d.day
    ON CONFLICT (timeframe, instrument_id, day)
    DO UPDATE SET seq = nextval(pg_get_serial_sequence('ohlcv_dirty', 'seq'));
    SELECT mark_derived_dirty(p_instrument_ids, p_days)
$$;
COMMENT ON FUNCTION mark_ohlcv_dirty(integer[], date[]) IS
    'Note that 1m candles of these instruments and days changed. Call it in the transaction that changes them.';
