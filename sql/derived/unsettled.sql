-- Instruments whose bars of days before yesterday changed and were not caught up with yet.
SELECT DISTINCT instrument_id
FROM derived_dirty
WHERE dataset = 'indicators' AND day < (now() AT TIME ZONE 'UTC')::date - 1
