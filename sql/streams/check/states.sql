-- Changes of books' states since $1, each book's with the last one before it.
SELECT i.venue, i.symbol, e.ts, e.state_before, e.state_after, e.cause
FROM instruments AS i
CROSS JOIN LATERAL (
    (
        SELECT ts, state_before, state_after, cause FROM order_book_events
        WHERE instrument_id = i.instrument_id AND ts < $1 ORDER BY ts DESC, created_at DESC LIMIT 1
    )
    UNION ALL
    SELECT ts, state_before, state_after, cause FROM order_book_events
    WHERE instrument_id = i.instrument_id AND ts >= $1
) AS e
ORDER BY i.venue, i.symbol, e.ts
