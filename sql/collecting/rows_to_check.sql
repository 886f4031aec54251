-- Rows of a window ($1 to $2); at most $3. The braces are the data set's table.
SELECT * FROM {table} WHERE ts >= $1 AND ts < $2 LIMIT $3
