-- Days whose bars cannot be built, and those of the last week that could not be; the newest failure first.
SELECT i.venue, i.symbol, f.day, f.timeframe, f.attempts, f.resolved_at, f.next_attempt_at, f.error, f.failed_at
FROM refresh_failures AS f
LEFT JOIN instruments AS i USING (instrument_id)
WHERE f.resolved_at IS NULL OR f.failed_at > now() - INTERVAL '7 days'
ORDER BY f.resolved_at IS NOT NULL, f.failed_at DESC, i.venue, i.symbol, f.day
LIMIT 10
