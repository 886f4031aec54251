-- Every tracked symbol that a stream can carry, as far as its venue has confirmed it.
SELECT instrument_id, venue, symbol, venue_symbol, kind, listed_at, delisted_at, contract_size
FROM instruments
WHERE tracked AND venue_symbol IS NOT NULL AND problem IS NULL AND active IS NOT FALSE
    AND (delisted_at IS NULL OR delisted_at > now())
ORDER BY venue, symbol
