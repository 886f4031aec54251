-- Venues with tracked symbols that nobody has looked up yet.
SELECT venue, array_agg(symbol ORDER BY symbol) AS symbols
FROM instruments
WHERE tracked AND resolved_at IS NULL AND problem IS NULL
GROUP BY venue
ORDER BY venue
