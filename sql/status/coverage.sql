-- Coverage of the tracked symbols in the last seven UTC days, today included.
SELECT c.venue, count(DISTINCT c.instrument_id) AS symbols, sum(c.expected) AS expected, sum(c.present) AS present,
    sum(c.present)::double precision / nullif(sum(c.expected), 0) AS coverage,
    sum(c.present + c.venue_had_none)::double precision / nullif(sum(c.expected), 0) AS explained
FROM candle_coverage AS c
JOIN instruments AS i USING (instrument_id)
WHERE i.tracked AND c.day > (now() AT TIME ZONE 'UTC')::date - 7
GROUP BY c.venue
ORDER BY c.venue
