-- What a score needs besides the candles: minutes due and explained, and rows in quarantine, by day.
SELECT c.day, c.expected, c.present, c.venue_had_none,
    (SELECT count(*) FROM quarantine AS q
    WHERE q.instrument_id = c.instrument_id AND q.dataset = 'ohlcv_1m'
        AND q.ts >= c.day::timestamp AT TIME ZONE 'UTC'
        AND q.ts < c.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '24 hours')::integer AS quarantined
FROM candle_coverage AS c
WHERE c.instrument_id = %(instrument_id)s AND c.day BETWEEN %(first)s AND %(last)s
ORDER BY c.day
