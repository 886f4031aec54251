-- Take a shard for this session; without a wait, and for as long as the session lives.
SELECT platform.take_lease(%(lease)s) AS taken
