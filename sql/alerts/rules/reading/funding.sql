-- Funding and prices of perpetuals, as venues told them.
SELECT instrument_id, extract(epoch FROM ts)::double precision AS ts,
    extract(epoch FROM known_at)::double precision AS known_at, funding_rate AS rate,
    funding_rate * 8 / nullif(interval_hours, 0) AS rate_8h, funding_rate * 8760 / nullif(interval_hours, 0) AS annual,
    mark_price / nullif(index_price, 0) - 1 AS basis, mark_price
FROM mark_price_readings
WHERE instrument_id = ANY(%(instruments)s::integer[])
    AND ts > %(after)s::timestamptz - INTERVAL '1 hour' AND ts <= %(until)s::timestamptz + INTERVAL '1 minute'
    AND known_at > %(after)s AND known_at <= %(until)s
