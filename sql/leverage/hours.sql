-- What was known of perpetuals ($1) at every whole hour in [$2, $4): their open interest, price, volume and funding.
-- Before $3 what a snapshot of this version ($5; null: none) keeps of it is taken from there, as it is the same and
-- lies nearer. $6: quotes worth about a dollar. How old a figure may be: $7 of open interest and mark, $8 of funding.
WITH subjects AS (
    SELECT instrument_id, base, quote = ANY ($6) AS in_dollars FROM instruments WHERE instrument_id = ANY ($1)
),

hours AS (
    SELECT s.instrument_id, s.base, s.in_dollars, h.ts
    FROM subjects AS s
    CROSS JOIN generate_series($2::timestamptz, $4::timestamptz - INTERVAL '1 hour', INTERVAL '1 hour') AS h (ts)
),

kept AS (
    SELECT instrument_id, ts, open_interest_at, open_interest_base, open_interest_quote, funding_at, funding_rate,
        funding_interval_hours
    FROM leverage_hours
    WHERE instrument_id = ANY ($1) AND ts >= $2 AND ts < $3 AND logic_version = $5
),

bars AS (
    SELECT instrument_id, ts + INTERVAL '1 hour' AS ts, close,
        coalesce(quote_volume, volume * (high + low + close) / 3) AS volume
    FROM ohlcv_1h
    WHERE instrument_id = ANY ($1) AND ts >= $2::timestamptz - INTERVAL '1 hour'
        AND ts < $4::timestamptz - INTERVAL '1 hour'
)

SELECT h.instrument_id, h.ts, h.base, h.in_dollars,
    coalesce(k.open_interest_at, o.ts) AS open_interest_at,
    coalesce(k.open_interest_base, o.base_amount) AS open_interest_base,
    coalesce(k.open_interest_quote, o.quote_value) AS open_interest_quote,
    b.close, b.volume, m.mark_price,
    coalesce(k.funding_at, f.ts) AS funding_at,
    coalesce(k.funding_rate, f.rate) AS funding_rate,
    coalesce(k.funding_interval_hours, f.interval_hours) AS funding_interval_hours
FROM hours AS h
LEFT JOIN kept AS k ON k.instrument_id = h.instrument_id AND k.ts = h.ts
LEFT JOIN bars AS b ON b.instrument_id = h.instrument_id AND b.ts = h.ts
LEFT JOIN LATERAL (
    SELECT r.ts, r.base_amount, r.quote_value FROM open_interest_readings AS r
    WHERE k.ts IS NULL AND r.instrument_id = h.instrument_id AND r.ts <= h.ts AND r.ts > h.ts - $7::interval
        AND r.known_at <= h.ts
    ORDER BY r.ts DESC LIMIT 1
) AS o ON true
LEFT JOIN LATERAL (
    -- the first snapshot looks a day back for its change of price, no farther
    SELECT r.mark_price FROM mark_price_readings AS r
    WHERE h.ts >= $3::timestamptz - INTERVAL '24 hours' AND r.instrument_id = h.instrument_id
        AND r.ts <= h.ts AND r.ts > h.ts - $7::interval AND r.known_at <= h.ts
    ORDER BY r.ts DESC LIMIT 1
) AS m ON true
LEFT JOIN LATERAL (
    SELECT r.ts, r.rate, r.interval_hours FROM funding_settlements AS r
    WHERE k.ts IS NULL AND r.instrument_id = h.instrument_id AND r.ts <= h.ts AND r.ts > h.ts - $8::interval
        AND r.known_at <= h.ts
    ORDER BY r.ts DESC LIMIT 1
) AS f ON true
ORDER BY h.instrument_id, h.ts
