-- What was traded in a window, as columns of time; the last hour where no window is given.
SELECT i.venue, i.symbol, b.*, i.instrument_id
FROM unnest({instruments}::integer[]) AS k (instrument_id)
JOIN instruments AS i USING (instrument_id)
CROSS JOIN LATERAL (
    SELECT coalesce({before}::timestamptz, now()) AS until
) AS w
CROSS JOIN LATERAL trade_bubbles(
    i.instrument_id, coalesce({since}::timestamptz, w.until - INTERVAL '1 hour'), w.until,
    least(greatest(coalesce({columns}::integer, 600), 1), 5000)
) AS b
