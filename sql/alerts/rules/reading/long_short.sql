-- Accounts that are long over those that are short.
SELECT instrument_id, extract(epoch FROM ts)::double precision AS ts,
    extract(epoch FROM known_at)::double precision AS known_at, ratio
FROM long_short_readings
WHERE instrument_id = ANY(%(instruments)s::integer[]) AND kind = 'accounts' AND timeframe_id = 5
    AND ts > %(after)s::timestamptz - INTERVAL '1 hour' AND ts <= %(until)s::timestamptz + INTERVAL '1 minute'
    AND known_at > %(after)s AND known_at <= %(until)s
