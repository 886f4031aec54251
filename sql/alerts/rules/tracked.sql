-- Instruments whose news rules are asked of.
SELECT instrument_id, venue, symbol, venue_symbol FROM instruments WHERE tracked ORDER BY instrument_id
