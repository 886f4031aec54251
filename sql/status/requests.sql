-- Requests of the last day that failed, by venue, source and kind, with the newest words.
SELECT venue, source, error_kind, count(*) AS failures, max(started_at) AS last_at,
    (array_agg(error ORDER BY started_at DESC))[1] AS error
FROM fetch_log
WHERE error_kind IS NOT NULL AND started_at >= now() - INTERVAL '1 day'
GROUP BY venue, source, error_kind
ORDER BY last_at DESC
LIMIT 10
