-- Instruments whose past is not settled: bars of earlier days changed and were not caught up with yet, or days
-- of their history are still to be fetched. A day that has just ended changes once more with its last bars, and is
-- fetched as a whole soon after: it counts from minutes, and an hour, after midnight.
SELECT instrument_id
FROM derived_dirty
WHERE dataset IN ('indicators', 'candlestick_patterns', 'chart_patterns', 'signals')
    AND day < ((now() - INTERVAL '10 minutes') AT TIME ZONE 'UTC')::date
UNION
SELECT i.instrument_id
FROM instruments AS i
CROSS JOIN LATERAL generate_series(
    greatest(i.history_start, date_trunc('day', i.listed_at, 'UTC')),
    date_trunc('day', now() - INTERVAL '1 hour', 'UTC') - INTERVAL '1 us', INTERVAL '1 day') AS d
LEFT JOIN ingest_ledger AS l
    ON l.instrument_id = i.instrument_id AND l.dataset = 'ohlcv_1m' AND l.day = (d AT TIME ZONE 'UTC')::date
WHERE i.tracked AND l.status IS DISTINCT FROM 'complete'
