-- What an instrument is called; venue_symbol is the venue's own name.
SELECT venue, symbol, venue_symbol FROM instruments WHERE instrument_id = %(instrument_id)s
