-- Tracked contracts of a venue of these kinds, all or some of them, and how much a contract is.
SELECT instrument_id, venue, symbol, venue_symbol, kind, listed_at, delisted_at, contract_kind, contract_size
FROM instruments
WHERE tracked AND venue_symbol IS NOT NULL AND venue = %(venue)s AND kind = ANY (%(kinds)s)
    AND (%(symbols)s::text[] IS NULL OR symbol = ANY (%(symbols)s::text[]))
ORDER BY symbol
