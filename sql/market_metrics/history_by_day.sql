-- How many hours of each day a coin's history has.
SELECT coin, (ts AT TIME ZONE 'UTC')::date AS day, count(DISTINCT date_trunc('hour', ts, 'UTC')) AS hours
FROM coin_metrics
WHERE provider = %(provider)s AND coin = %(coin)s AND vintage = 'history' AND ts >= %(start)s AND ts < %(end)s
GROUP BY 1, 2
