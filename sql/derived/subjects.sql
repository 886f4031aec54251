-- Instruments to compute for: by key, or tracked ones of some venues; named symbols also if they are not tracked.
SELECT instrument_id, venue, symbol, quote, tick_size, lot_size
FROM instruments
WHERE (%(ids)s::integer[] IS NULL OR instrument_id = ANY (%(ids)s))
    AND (%(venues)s::text[] IS NULL OR venue = ANY (%(venues)s))
    AND (%(symbols)s::text[] IS NULL OR symbol = ANY (%(symbols)s))
    AND (tracked OR %(ids)s::integer[] IS NOT NULL OR %(symbols)s::text[] IS NOT NULL)
ORDER BY venue, symbol
