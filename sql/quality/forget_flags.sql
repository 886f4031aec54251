-- Flags of a window are made anew as a whole; those of other logic versions stay, and those that say how a
-- source gave a candle (off_grid): they are not found by looking at the candles.
DELETE FROM candle_flags
WHERE instrument_id = %(instrument_id)s AND ts >= %(start)s AND ts < %(end)s AND logic_version = %(logic_version)s
    AND flag <> 'off_grid'
