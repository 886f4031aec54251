-- The reasons are those of alphapulse_assets/candles/validation.py, its bounds too: a test holds one against the other.
CREATE OR REPLACE FUNCTION out_of_bounds(
    p_open double precision, p_high double precision, p_low double precision, p_close double precision,
    p_volume double precision, p_quote_volume double precision, p_trades bigint, p_taker_buy_volume double precision
) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_remove(ARRAY[
        CASE WHEN greatest(p_open, p_high, p_low, p_close) > 1e15 OR least(p_open, p_high, p_low, p_close) < 1e-18
            THEN 'absurd_price' END,
        CASE WHEN greatest(p_volume, p_taker_buy_volume) > 1e21 OR least(p_volume, p_taker_buy_volume) < -1e21
            THEN 'absurd_volume' END,
        CASE WHEN abs(p_quote_volume) > 1e21 THEN 'absurd_quote_volume' END,
        CASE WHEN p_trades > 1000000000 OR p_trades < -1000000000 THEN 'absurd_trades' END
    ], NULL)
$$;
COMMENT ON FUNCTION out_of_bounds(double precision, double precision, double precision, double precision,
    double precision, double precision, bigint, double precision) IS
    'Reasons why no market can have made this candle; empty for one that may be true.';
