-- Which sessions hold shards: the shard, the server's process, and the name the session gave itself.
SELECT substr(name, length(%(leases)s) + 1) AS shard, pid, application
FROM platform.lease_holders
WHERE starts_with(name, %(leases)s)
ORDER BY name
