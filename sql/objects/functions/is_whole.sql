-- Asked only of bars that native ones could stand in for: views that named every aggregate twice would be planned twice as long.
CREATE OR REPLACE FUNCTION is_whole(p_instrument_id integer, p_timeframe_id smallint, p_ts timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    found bigint;
BEGIN
    CASE p_timeframe_id
        WHEN 5 THEN SELECT bars INTO found FROM ohlcv_5m WHERE instrument_id = p_instrument_id AND ts = p_ts;
        WHEN 15 THEN SELECT bars INTO found FROM ohlcv_15m WHERE instrument_id = p_instrument_id AND ts = p_ts;
        WHEN 60 THEN SELECT bars INTO found FROM ohlcv_1h WHERE instrument_id = p_instrument_id AND ts = p_ts;
        WHEN 240 THEN SELECT bars INTO found FROM ohlcv_4h WHERE instrument_id = p_instrument_id AND ts = p_ts;
        WHEN 1440 THEN SELECT bars INTO found FROM ohlcv_1d WHERE instrument_id = p_instrument_id AND ts = p_ts;
        WHEN 10080 THEN SELECT bars INTO found FROM ohlcv_1w WHERE instrument_id = p_instrument_id AND ts = p_ts;
        ELSE RETURN false;
    END CASE;
    RETURN coalesce(found, 0) = p_timeframe_id;
END $$;
COMMENT ON FUNCTION is_whole(integer, smallint, timestamptz) IS
    'Whether every minute of a bar is there, by its aggregate: then no native bar stands in for it.';
