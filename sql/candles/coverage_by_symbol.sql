-- Coverage of the tracked symbols of some venues ($1) over days ($2 to $3), symbol by symbol.
SELECT c.venue, c.symbol, c.day, c.expected, c.present, c.missing, c.venue_had_none, c.coverage, c.explained,
    coalesce(c.status, 'complete') AS status, c.error
FROM candle_coverage AS c
JOIN instruments AS i USING (instrument_id)
WHERE i.tracked AND c.venue = ANY ($1::text[]) AND c.day BETWEEN $2 AND $3 AND c.expected > 0
ORDER BY c.explained, c.venue, c.symbol, c.day
