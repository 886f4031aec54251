-- Of each column of time the newest state, so that no cell is a mean of states that never were together. Cells are added
-- up only where the window's prices span more bins than rows are wanted: merged bins lie on the fixed grid as well.
CREATE OR REPLACE FUNCTION order_book_heatmap(
    p_instrument integer, p_start timestamptz, p_end timestamptz, p_columns integer DEFAULT 600,
    p_rows integer DEFAULT 400
) RETURNS TABLE (
    from_at timestamptz, until_at timestamptz, ts timestamptz, known_at timestamptz, mid double precision,
    bin_bps double precision, merged integer, mid_bin integer, bid_sizes real [], ask_sizes real [], unit text
)
LANGUAGE sql STABLE SET jit = off AS $$
    WITH asked AS (
        SELECT greatest((p_end - p_start) / greatest(p_columns, 1), INTERVAL '1 millisecond') AS width
    ), grid AS (
        SELECT d.bin_bps FROM order_book_depth AS d
        WHERE d.instrument_id = p_instrument AND d.ts >= p_start AND d.ts < p_end
        ORDER BY d.ts DESC LIMIT 1
    ), columns AS (
        SELECT min(d.ts) AS from_at, max(d.ts) AS ts
        FROM order_book_depth AS d, asked AS a, grid AS g
        WHERE d.instrument_id = p_instrument AND d.ts >= p_start AND d.ts < p_end AND d.bin_bps = g.bin_bps
        GROUP BY date_bin(a.width, d.ts, p_start)
    ), states AS MATERIALIZED (
        SELECT DISTINCT ON (d.ts) c.from_at, d.ts, d.known_at, d.mid, d.bin_bps, d.mid_bin, d.bid_sizes, d.ask_sizes,
            d.unit, d.mid_bin - cardinality(d.bid_sizes) + 1 AS lowest, d.mid_bin + cardinality(d.ask_sizes) - 1 AS highest
        FROM columns AS c
        JOIN order_book_depth AS d ON d.instrument_id = p_instrument AND d.ts = c.ts
        WHERE d.ts >= p_start AND d.ts < p_end
        ORDER BY d.ts, d.update_id DESC
    ), merge AS MATERIALIZED (
        SELECT greatest(ceil((max(s.highest) - min(s.lowest) + 1)::double precision / greatest(p_rows, 1)), 1)::integer AS k
        FROM states AS s
    )
    SELECT s.from_at,
        least(
            lead(s.from_at) OVER (ORDER BY s.ts), s.ts + greatest(INTERVAL '30 seconds', 2 * a.width),
            lost.ts - (s.known_at - s.ts), p_end
        ),
        s.ts, s.known_at, s.mid, s.bin_bps, m.k, floor(s.mid_bin::double precision / m.k)::integer,
        CASE WHEN m.k = 1 THEN s.bid_sizes ELSE coalesce(bids.sizes, '{}') END,
        CASE WHEN m.k = 1 THEN s.ask_sizes ELSE coalesce(asks.sizes, '{}') END,
        s.unit
    FROM states AS s
    CROSS JOIN asked AS a
    CROSS JOIN merge AS m
    LEFT JOIN LATERAL (
        -- from then on nobody proved the book
        SELECT e.ts FROM order_book_events AS e
        WHERE e.instrument_id = p_instrument AND e.ts > s.known_at AND e.ts < p_end AND e.state_before = 'synced'
            AND e.state_after <> 'synced'
        ORDER BY e.ts LIMIT 1
    ) AS lost ON true
    LEFT JOIN LATERAL (
        -- a merged bin of which a part is unknown is unknown
        SELECT array_agg(g.size ORDER BY g.bin DESC) AS sizes
        FROM (
            SELECT floor((s.mid_bin - b.place + 1)::double precision / m.k)::integer AS bin, sum(b.size) AS size
            FROM unnest(s.bid_sizes) WITH ORDINALITY AS b (size, place)
            WHERE m.k > 1
            GROUP BY 1
        ) AS g
        WHERE g.bin * m.k >= s.lowest
    ) AS bids ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(g.size ORDER BY g.bin) AS sizes
        FROM (
            SELECT floor((s.mid_bin + b.place - 1)::double precision / m.k)::integer AS bin, sum(b.size) AS size
            FROM unnest(s.ask_sizes) WITH ORDINALITY AS b (size, place)
            WHERE m.k > 1
            GROUP BY 1
        ) AS g
        WHERE (g.bin + 1) * m.k - 1 <= s.highest
    ) AS asks ON true
    ORDER BY s.ts
$$;
COMMENT ON FUNCTION order_book_heatmap(integer, timestamptz, timestamptz, integer, integer) IS
    'A picture of what rested in a book in [start, end): at most so many columns of time, each the newest state in it, shown from from_at until until_at (the next one, or when the book lost its proof; in between nothing is known), and at most so many rows of price: merged tells how many bins make one. Sizes as in order_book_depth; row i begins at price r^(i x merged), r = 1 + bin_bps / 10,000.';
