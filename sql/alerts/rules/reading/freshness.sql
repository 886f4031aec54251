-- Age of the newest closed candle that was here, each half minute; null where none of the last day was.
SELECT i.instrument_id, extract(epoch FROM l.at)::double precision AS ts, extract(epoch FROM l.at)::double precision AS known_at,
    extract(epoch FROM l.at - c.ts - INTERVAL '1 minute')::double precision AS seconds
FROM unnest(%(instruments)s::integer[]) AS i (instrument_id)
CROSS JOIN generate_series(
    %(until)s::timestamptz, %(after)s::timestamptz + INTERVAL '1 microsecond', -INTERVAL '30 seconds'
) AS l (at)
LEFT JOIN LATERAL (
    SELECT m.ts FROM ohlcv_1m AS m
    WHERE m.instrument_id = i.instrument_id AND m.ts > l.at - INTERVAL '1 day' AND m.ts <= l.at - INTERVAL '1 minute'
        AND m.received_at <= l.at
    ORDER BY m.ts DESC LIMIT 1
) AS c ON true
