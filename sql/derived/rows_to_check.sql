-- Rows of these venues ($1) in a window ($2 to $3) in a version ($4); at most $5. The braces are the data set's table.
SELECT v.*
FROM {table} AS v
JOIN instruments AS i USING (instrument_id)
WHERE i.venue = ANY ($1) AND v.ts >= $2 AND v.ts < $3 AND v.logic_version = $4
LIMIT $5
