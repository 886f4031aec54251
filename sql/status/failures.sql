-- Days whose fetch failed, of any data set, newest failure first.
SELECT l.dataset, l.provider AS venue, l.series AS symbol, l.day, l.attempts, l.error_kind, l.error, l.updated_at
FROM fetched_days AS l
WHERE l.status = 'failed'
ORDER BY l.updated_at DESC, l.dataset, venue, symbol, l.day
LIMIT 5
