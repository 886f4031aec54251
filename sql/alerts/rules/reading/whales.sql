-- What large orders and trades did.
SELECT instrument_id, extract(epoch FROM ts)::double precision AS ts,
    extract(epoch FROM known_at)::double precision AS known_at,
    concat_ws(' ', kind, side, price, nullif(reference, '')) AS record, kind, side, price, notional_usd, distance_bps
FROM whale_activities
WHERE instrument_id = ANY(%(instruments)s::integer[])
    AND ts > %(after)s::timestamptz - INTERVAL '5 minutes' AND ts <= %(until)s::timestamptz + INTERVAL '1 minute'
    AND known_at > %(after)s AND known_at <= %(until)s
