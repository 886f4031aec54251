SELECT count(*) AS failed FROM fetched_days WHERE status = 'failed'
