-- Names of all instruments; those that are tracked can be asked for.
SELECT instrument_id, venue, symbol, tracked FROM instruments
