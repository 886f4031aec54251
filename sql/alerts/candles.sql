-- Tracked symbols whose newest closed candle is old, and how far sources have answered since: a minute without trades
-- has no candle at some venues. busy: before that nearly every minute of six hours had one.
SELECT i.venue, i.symbol, c.closed_at, extract(epoch FROM now() - c.closed_at)::double precision AS age_seconds,
    extract(epoch FROM now() - coalesce(l.answered_until, i.resolved_at, i.tracked_at))::double precision
        AS unanswered_seconds,
    extract(epoch FROM now() - i.tracked_at)::double precision AS tracked_seconds,
    coalesce((
        SELECT count(*) >= 342 FROM ohlcv_1m AS m
        WHERE m.instrument_id = i.instrument_id AND m.ts >= c.closed_at - INTERVAL '6 hours' AND m.ts < c.closed_at
    ), false) AS busy
FROM instruments AS i
LEFT JOIN LATERAL (
    SELECT m.ts + INTERVAL '1 minute' AS closed_at FROM ohlcv_1m AS m
    WHERE m.instrument_id = i.instrument_id ORDER BY m.ts DESC LIMIT 1
) AS c ON true
LEFT JOIN LATERAL (
    SELECT p.fetched_until AS answered_until FROM ingest_ledger AS p
    WHERE p.instrument_id = i.instrument_id AND p.dataset = 'ohlcv_1m' AND p.fetched_until IS NOT NULL
    ORDER BY p.day DESC LIMIT 1
) AS l ON true
WHERE i.tracked AND i.venue_symbol IS NOT NULL AND i.problem IS NULL AND i.active IS NOT FALSE
    AND (i.delisted_at IS NULL OR i.delisted_at > now()) AND (i.listed_at IS NULL OR i.listed_at < now())
    AND coalesce(c.closed_at, '-infinity') < now() - %(patience)s::interval
ORDER BY i.venue, i.symbol
