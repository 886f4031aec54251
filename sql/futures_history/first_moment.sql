-- The first row of an instrument.
SELECT ts FROM {table} WHERE instrument_id = %(instrument_id)s ORDER BY ts LIMIT 1
