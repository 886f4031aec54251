-- The newest revision of each row of [$1, $2).
SELECT DISTINCT ON ({key}) {columns}
FROM {table}
WHERE ts >= $1 AND ts < $2
ORDER BY {key}, revision DESC
