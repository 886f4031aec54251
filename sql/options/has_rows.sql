SELECT 1 AS found FROM {table}
WHERE ts >= %(start)s AND ts < %(end)s
LIMIT 1
