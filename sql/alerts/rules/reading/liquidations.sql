-- Positions that were closed by force.
SELECT instrument_id, extract(epoch FROM ts)::double precision AS ts,
    extract(epoch FROM known_at)::double precision AS known_at,
    concat_ws(' ', position_side, price, size, occurrence) AS record, position_side, price, notional_usd
FROM liquidations
WHERE instrument_id = ANY(%(instruments)s::integer[])
    AND ts > %(after)s::timestamptz - INTERVAL '1 hour' AND ts <= %(until)s::timestamptz + INTERVAL '1 minute'
    AND known_at > %(after)s AND known_at <= %(until)s
