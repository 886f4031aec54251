-- Flags of a window are made anew as a whole; those of other logic versions stay.
DELETE FROM candle_flags
WHERE instrument_id = %(instrument_id)s AND ts >= %(start)s AND ts < %(end)s AND logic_version = %(logic_version)s
