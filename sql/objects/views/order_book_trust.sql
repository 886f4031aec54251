-- Events of one moment have no order among them, but form a path of states: it ends in the state that was entered
-- once more often than it was left. After a run has started a book, what an earlier one says of it does not count.
CREATE OR REPLACE VIEW order_book_trust AS
SELECT i.venue, i.symbol, s.ts AS valid_from, e.valid_until, s.state, s.cause AS began_with,
    CASE
        WHEN e.valid_until IS NOT DISTINCT FROM s.next_ts THEN coalesce(left_by.cause, s.next_cause)
        WHEN w.run_id IS NULL THEN 'worker_unknown'
        ELSE 'worker_lost'
    END AS ended_with,
    extract(epoch FROM coalesce(e.valid_until, now()) - s.ts)::double precision AS seconds, s.run_id, i.instrument_id
FROM instruments AS i
CROSS JOIN LATERAL (
    WITH runs AS (
        SELECT ts, state_before, state_after, cause, run_id,
            count(*) FILTER (WHERE cause = 'started') OVER (ORDER BY ts) AS start
        FROM order_book_events
        WHERE instrument_id = i.instrument_id AND state_before <> state_after
    ), keepers AS (
        SELECT *, max(run_id) FILTER (WHERE cause = 'started') OVER (PARTITION BY start) AS keeper FROM runs
    ), states AS (
        SELECT k.ts, v.state, max(k.cause) FILTER (WHERE v.step > 0) AS cause, max(k.run_id) AS run_id
        FROM keepers AS k
        CROSS JOIN LATERAL (VALUES (k.state_after, 1), (k.state_before, -1)) AS v (state, step)
        WHERE k.keeper IS NULL OR k.run_id = k.keeper
        GROUP BY k.ts, v.state
        HAVING sum(v.step) > 0
    ), moments AS (
        SELECT DISTINCT ON (ts) * FROM states ORDER BY ts, state = 'stopped' DESC, state
    )
    SELECT *, lead(ts) OVER later AS next_ts, lead(cause) OVER later AS next_cause, lead(run_id) OVER later AS next_run
    FROM moments
    WINDOW later AS (ORDER BY ts)
) AS s
LEFT JOIN stream_workers AS w ON w.run_id = s.run_id
CROSS JOIN LATERAL (
    -- nobody vouches for a book after the last sign of life of the run that kept it
    SELECT CASE
        WHEN s.state = 'stopped' OR s.next_run = s.run_id OR stream_alive(w.stopped_at, w.heartbeat_at) THEN s.next_ts
        ELSE least(s.next_ts, greatest(s.ts, w.heartbeat_at))
    END AS valid_until
) AS e
LEFT JOIN LATERAL (
    SELECT v.cause
    FROM order_book_events AS v
    WHERE v.instrument_id = i.instrument_id AND v.ts = s.next_ts AND v.state_before = s.state
        AND v.state_after <> v.state_before
    ORDER BY v.cause
    LIMIT 1
) AS left_by ON true;
COMMENT ON VIEW order_book_trust IS 'Per book, stretch after stretch, how far it could be trusted, and why that began and ended. By our clock, as received_at of order_book; times in no stretch: nobody kept the book.';
COMMENT ON COLUMN order_book_trust.venue IS 'Venue.';
COMMENT ON COLUMN order_book_trust.symbol IS 'Unified symbol.';
COMMENT ON COLUMN order_book_trust.valid_from IS 'Start of the stretch, by our clock.';
COMMENT ON COLUMN order_book_trust.valid_until IS 'Its end, not included: the next change, or the last sign of life of a run that is gone. Null while it goes on.';
COMMENT ON COLUMN order_book_trust.state IS 'State of the book in it. Only synced can be trusted.';
COMMENT ON COLUMN order_book_trust.began_with IS 'Cause it began with (order_book_events).';
COMMENT ON COLUMN order_book_trust.ended_with IS 'Cause it ended with; worker_lost: its run fell silent; worker_unknown: nothing is known of its run, which then vouches for no time; null while it goes on.';
COMMENT ON COLUMN order_book_trust.seconds IS 'Its length so far, in seconds.';
COMMENT ON COLUMN order_book_trust.run_id IS 'Run that kept the book (stream_workers).';
COMMENT ON COLUMN order_book_trust.instrument_id IS 'Key of the instrument, for joins.';
