-- Instruments by name, and venues without any.
SELECT i.instrument_id, v.venue, i.symbol
FROM venues AS v
LEFT JOIN instruments AS i USING (venue)
