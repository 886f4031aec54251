CREATE OR REPLACE FUNCTION is_refresh_held(d ohlcv_dirty) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM refresh_failures AS f
        WHERE f.timeframe = d.timeframe AND f.instrument_id = d.instrument_id AND f.day = d.day AND f.seq = d.seq
            AND f.next_attempt_at > now())
$$;
COMMENT ON FUNCTION is_refresh_held(ohlcv_dirty) IS
    'Whether a dirty day failed lately with just these candles, so that it is left alone for a while.';
