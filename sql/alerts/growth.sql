-- How fast the database grew in the last day, where it was looked at for six hours at least.
SELECT (l.bytes - f.bytes) / extract(epoch FROM l.at - f.at)::double precision AS bytes_per_second
FROM (SELECT at, bytes FROM database_sizes WHERE at > now() - INTERVAL '25 hours' ORDER BY at LIMIT 1) AS f
CROSS JOIN (SELECT at, bytes FROM database_sizes ORDER BY at DESC LIMIT 1) AS l
WHERE l.at >= f.at + INTERVAL '6 hours'
