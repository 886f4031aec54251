-- Rates as of moments after $1 and up to $2; at most $3. The braces are their table.
SELECT * FROM {table} WHERE ts > $1 AND ts <= $2 LIMIT $3
