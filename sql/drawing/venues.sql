-- Venues of a symbol (%(symbol)s), those that track it first, then by name.
SELECT venue, tracked FROM instruments WHERE symbol = %(symbol)s ORDER BY NOT tracked, venue
