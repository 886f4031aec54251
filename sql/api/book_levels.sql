-- The same snapshot as book.sql, level by level, best first; total is what waits up to and with each level.
SELECT b.venue, b.symbol, b.ts, b.received_at, v.side, l.level::integer AS level, l.price, l.size,
    sum(l.size) OVER w AS total_size, sum(l.size * l.price) OVER w AS total_value,
    10000 * (l.price / b.mid - 1) AS distance_bps, b.instrument_id
FROM (SELECT coalesce({at}::timestamptz, now()) AS moment) AS m
CROSS JOIN unnest({instruments}::integer[]) AS i (instrument_id)
CROSS JOIN LATERAL (
    SELECT * FROM order_book AS n
    WHERE n.instrument_id = i.instrument_id AND n.ts <= m.moment AND n.ts > m.moment - INTERVAL '24 hours'
        AND n.received_at <= m.moment
    ORDER BY n.ts DESC, n.update_id DESC LIMIT 1
) AS b
CROSS JOIN LATERAL (
    VALUES ('bid', b.bid_prices, b.bid_sizes), ('ask', b.ask_prices, b.ask_sizes)
) AS v (side, prices, sizes)
CROSS JOIN LATERAL unnest(v.prices, v.sizes) WITH ORDINALITY AS l (price, size, level)
WINDOW w AS (PARTITION BY b.instrument_id, v.side ORDER BY l.level)
