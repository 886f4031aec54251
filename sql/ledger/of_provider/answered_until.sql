-- How far sources have answered, without a hole, for the newest day that was fetched from its start.
SELECT fetched_until AS answered_until
FROM provider_ledger
WHERE provider = %(provider)s AND dataset = %(dataset)s AND series = %(series)s AND fetched_until IS NOT NULL
ORDER BY day DESC
LIMIT 1
