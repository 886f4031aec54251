-- Tracked symbols and their coins.
SELECT instrument_id, base AS coin FROM instruments WHERE tracked ORDER BY instrument_id
