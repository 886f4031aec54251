-- A candle is known at its close: the minute that forms is nobody's yet.
CREATE OR REPLACE FUNCTION price_at(p_instrument_id integer, p_at timestamptz)
RETURNS TABLE (price double precision, ts timestamptz, source text) LANGUAGE sql STABLE AS $$
    SELECT found.price, found.ts, found.source
    FROM (
        (SELECT m.mark_price AS price, m.ts, 'mark_price' AS source FROM mark_price_readings AS m
        WHERE m.instrument_id = p_instrument_id AND m.ts <= p_at AND m.ts > p_at - INTERVAL '15 minutes' AND m.known_at <= p_at
        ORDER BY m.ts DESC LIMIT 1)
        UNION ALL
        (SELECT c.close, c.ts + INTERVAL '1 minute', 'candle' FROM ohlcv_1m AS c
        WHERE c.instrument_id = p_instrument_id AND c.ts <= p_at - INTERVAL '1 minute' AND c.ts > p_at - INTERVAL '24 hours'
        ORDER BY c.ts DESC LIMIT 1)
    ) AS found
    ORDER BY found.source DESC LIMIT 1
$$;
COMMENT ON FUNCTION price_at(integer, timestamptz) IS
    'Price of an instrument as known at a time: its mark price of the last 15 minutes, else the close of its newest minute of the last 24 hours.';
