-- Of what became known, the newest of each instrument. {reading} is one of the statements in reading/.
SELECT DISTINCT ON (instrument_id) * FROM (
    {reading}
) AS found
ORDER BY instrument_id ASC, known_at DESC, ts DESC
