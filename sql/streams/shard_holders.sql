-- Which sessions hold shards: the shard, the server's process, and the name the session gave itself.
SELECT substr(name, length(%(seats)s) + 1) AS shard, pid, application
FROM platform.seat_holders
WHERE starts_with(name, %(seats)s)
ORDER BY name
