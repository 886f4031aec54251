-- Each statement here gives what became known of instruments in (after, until]: ts is the time that it is about, known_at
-- when it could be known here, both in seconds since 1970; then the source's columns.
-- Price of each second with a trade.
SELECT instrument_id, extract(epoch FROM ts + INTERVAL '1 second')::double precision AS ts,
    extract(epoch FROM greatest(ts + INTERVAL '1 second', received_at))::double precision AS known_at, close AS price
FROM trades_1s
WHERE instrument_id = ANY(%(instruments)s::integer[])
    AND ts > %(after)s::timestamptz - INTERVAL '5 minutes' AND ts < %(until)s::timestamptz
    AND greatest(ts + INTERVAL '1 second', received_at) > %(after)s
    AND greatest(ts + INTERVAL '1 second', received_at) <= %(until)s
