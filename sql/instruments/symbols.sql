-- Symbols that are known of a venue, or of any.
SELECT DISTINCT symbol FROM instruments WHERE %(venue)s::text IS NULL OR venue = %(venue)s ORDER BY symbol
