-- How far the past of each coin was fetched.
SELECT coin, max(ts) AS ts FROM coin_metrics
WHERE provider = %(provider)s AND vintage = 'history' AND coin = ANY(%(coins)s) AND ts >= %(since)s
GROUP BY coin
