-- Tracked instruments of a venue whose details the venue has confirmed, all or some of them.
SELECT instrument_id, venue, symbol, venue_symbol, kind, listed_at, delisted_at
FROM instruments
WHERE tracked AND venue_symbol IS NOT NULL AND problem IS NULL
    AND venue = %(venue)s
    AND (%(symbols)s::text[] IS NULL OR symbol = ANY (%(symbols)s))
ORDER BY symbol
