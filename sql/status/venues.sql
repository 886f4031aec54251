-- Symbols per venue: tracked, known, and those that cannot be fetched (yet).
SELECT venue, count(*) FILTER (WHERE tracked) AS tracked, count(*) AS known,
    count(*) FILTER (WHERE tracked AND resolved_at IS NULL AND problem IS NULL) AS not_looked_up,
    count(*) FILTER (WHERE tracked AND problem IS NOT NULL) AS with_problem
FROM instruments
GROUP BY venue
ORDER BY venue
