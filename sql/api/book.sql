-- The newest snapshot of each book at a moment that is not older than a day, and whether the book was synced then.
SELECT b.*, extract(EPOCH FROM m.moment - b.received_at)::double precision AS age_seconds, EXISTS (
    SELECT FROM order_book_synced AS s
    WHERE s.instrument_id = b.instrument_id AND s.valid_from <= b.received_at
        AND (s.valid_until IS NULL OR s.valid_until > b.received_at)
) AS trusted
FROM (SELECT coalesce({at}::timestamptz, now()) AS moment) AS m
CROSS JOIN unnest({instruments}::integer[]) AS i (instrument_id)
CROSS JOIN LATERAL (
    SELECT * FROM order_book AS n
    WHERE n.instrument_id = i.instrument_id AND n.ts <= m.moment AND n.ts > m.moment - INTERVAL '24 hours'
        AND n.received_at <= m.moment
    ORDER BY n.ts DESC, n.update_id DESC LIMIT 1
) AS b
