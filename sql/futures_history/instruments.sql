-- Instruments of a venue that can have funding and open interest, and how much a contract of each is.
SELECT instrument_id, symbol, venue_symbol, contract_kind, contract_size
FROM instruments
WHERE venue = %(venue)s AND kind <> 'spot'
ORDER BY symbol
