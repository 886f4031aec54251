-- Probabilities of these venues ($1) known in a window ($2 to $3), in version $4 and configuration $5, at most $6 rows, and
-- how many hours before each its model, or rate, had learned last.
SELECT v.*, extract(epoch FROM v.known_at - v.trained_until)::float8 / 3600 AS hours_before
FROM event_probabilities AS v
JOIN instruments AS i USING (instrument_id)
WHERE i.venue = ANY ($1) AND v.known_at >= $2 AND v.known_at < $3 AND v.ts >= $2 - INTERVAL '7 days' AND v.ts < $3
    AND v.logic_version = $4 AND v.configuration_version = $5
LIMIT $6
