-- Bars of the first few tracked symbols of some venues: $1 venues, $2 to $3 the window, $4 how many symbols;
-- the braces are the timeframe's relation.
SELECT i.venue || ' ' || i.symbol AS label, c.ts, c.high, c.low, c.close
FROM (
    SELECT instrument_id, venue, symbol FROM instruments
    WHERE tracked AND venue = ANY ($1::text[])
    ORDER BY venue, symbol
    LIMIT $4
) AS i
JOIN {relation} AS c USING (instrument_id)
WHERE c.ts >= $2 AND c.ts < $3
ORDER BY i.venue, i.symbol, c.ts
