-- Days of tracked symbols and of providers' series whose last fetch failed, of any data set.
SELECT l.dataset, l.provider AS venue, l.series AS symbol, l.day, l.attempts, l.error_kind, l.error, l.updated_at
FROM fetched_days AS l
WHERE l.status = 'failed' AND l.tracked
ORDER BY l.updated_at DESC
LIMIT 50
