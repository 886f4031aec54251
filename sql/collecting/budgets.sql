-- How far these budgets are used, and whether a ban is in force.
SELECT bucket, used_until, blocked_until, reason FROM rate_limits WHERE bucket = ANY(%(buckets)s)
