SELECT * FROM {table}
WHERE provider = $1 AND logic_version = $2 AND ts >= $3 AND ts < $4
