-- Tracked perpetuals and futures of a venue that it still trades, as far as is known.
SELECT instrument_id, symbol, venue_symbol, kind, coalesce(contract_kind, 'linear') AS contract, contract_kind, contract_size
FROM instruments
WHERE tracked AND venue_symbol IS NOT NULL AND problem IS NULL
    AND venue = %(venue)s AND kind IN ('perpetual', 'future')
    AND (delisted_at IS NULL OR delisted_at > %(now)s)
ORDER BY symbol
