CREATE OR REPLACE FUNCTION trade_bubbles(
    p_instrument integer, p_start timestamptz, p_end timestamptz, p_columns integer DEFAULT 600
) RETURNS TABLE (
    ts timestamptz, side text, price double precision, size double precision, value double precision, large boolean,
    complete boolean
)
LANGUAGE sql STABLE AS $$
    WITH asked AS (
        SELECT greatest((p_end - p_start) / greatest(p_columns, 1), INTERVAL '1 second') AS width
    ), summed AS (
        SELECT date_bin(a.width, t.ts, p_start) AS ts, sum(t.buy_volume) AS bought, sum(t.buy_value) AS paid,
            sum(t.sell_volume) AS sold, sum(t.sell_value) AS got, bool_and(t.complete) AS complete
        FROM trades_1s AS t, asked AS a
        WHERE t.instrument_id = p_instrument AND t.ts >= p_start AND t.ts < p_end
        GROUP BY 1
    )
    SELECT s.ts, v.side, v.value / v.size, v.size, v.value, false, s.complete
    FROM summed AS s
    CROSS JOIN LATERAL (VALUES ('buy', s.bought, s.paid), ('sell', s.sold, s.got)) AS v (side, size, value)
    WHERE v.size > 0
    UNION ALL
    SELECT w.ts, CASE w.side WHEN 'bid' THEN 'buy' ELSE 'sell' END, w.price, w.size, w.notional, true, true
    FROM whale_activities AS w
    WHERE w.instrument_id = p_instrument AND w.ts >= p_start AND w.ts < p_end AND w.kind = 'large_trade'
    ORDER BY 1, 2, 6
$$;
COMMENT ON FUNCTION trade_bubbles(integer, timestamptz, timestamptz, integer) IS
    'Trades of a window for a picture: bought and sold in each of at most so many columns of time (a second at least), by the taker''s side, at their volume-weighted price; and each large trade by itself, which is in those sums too. complete: all trades of the column were heard. By the venue''s clock.';
