-- What rested in a book over a window, as columns of time; the last hour where no window is given.
SELECT i.venue, i.symbol, i.base, h.*, i.instrument_id
FROM unnest({instruments}::integer[]) AS k (instrument_id)
JOIN instruments AS i USING (instrument_id)
CROSS JOIN LATERAL (
    SELECT coalesce({before}::timestamptz, now()) AS until
) AS w
CROSS JOIN LATERAL order_book_heatmap(
    i.instrument_id, coalesce({since}::timestamptz, w.until - INTERVAL '1 hour'), w.until,
    least(greatest(coalesce({columns}::integer, 600), 1), 1000), least(greatest(coalesce({rows}::integer, 400), 1), 2000)
) AS h
