-- Every instrument of a venue that was ever tracked, as it stands.
SELECT instrument_id, symbol, tracked, active, delisted_at
FROM instruments
WHERE venue = %(venue)s AND tracked_at IS NOT NULL
ORDER BY symbol
