-- The instrument that has a venue's own name; spot first where a venue uses the name twice.
SELECT instrument_id
FROM instruments
WHERE venue = %(venue)s AND venue_symbol = %(venue_symbol)s
ORDER BY kind <> 'spot', instrument_id
LIMIT 1
