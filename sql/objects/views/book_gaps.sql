CREATE OR REPLACE VIEW book_gaps AS
SELECT i.venue, i.symbol, e.ts, e.cause, e.state_after, e.detail, again.ts AS synced_again_at,
    extract(epoch FROM again.ts - e.ts)::double precision AS seconds, e.run_id, e.instrument_id
FROM order_book_events AS e
JOIN instruments AS i USING (instrument_id)
LEFT JOIN LATERAL (
    SELECT n.ts
    FROM order_book_events AS n
    WHERE n.instrument_id = e.instrument_id AND n.ts > e.ts AND n.state_after = 'synced' AND n.state_before <> 'synced'
    ORDER BY n.ts
    LIMIT 1
) AS again ON true
WHERE e.state_before = 'synced' AND e.state_after <> 'synced';
COMMENT ON VIEW book_gaps IS 'Every time a book lost its proof, why, and when it had it again.';
COMMENT ON COLUMN book_gaps.venue IS 'Venue.';
COMMENT ON COLUMN book_gaps.symbol IS 'Unified symbol.';
COMMENT ON COLUMN book_gaps.ts IS 'When it was lost, by our clock.';
COMMENT ON COLUMN book_gaps.cause IS 'Why: gap, connection_gap, crossed, silent, reconnected, stopped, worker_lost ...';
COMMENT ON COLUMN book_gaps.state_after IS 'State from then on.';
COMMENT ON COLUMN book_gaps.detail IS 'The figures behind it, such as the update id expected and the one seen.';
COMMENT ON COLUMN book_gaps.synced_again_at IS 'When the book was proven again, by our clock; null if it was not.';
COMMENT ON COLUMN book_gaps.seconds IS 'Seconds from ts to synced_again_at.';
COMMENT ON COLUMN book_gaps.run_id IS 'Run that kept the book (stream_workers).';
COMMENT ON COLUMN book_gaps.instrument_id IS 'Key of the instrument, for joins.';
