-- Sentiment of each instrument's coin over 24 hours, of the main model.
SELECT i.instrument_id, extract(epoch FROM a.known_at)::double precision AS ts,
    extract(epoch FROM a.known_at)::double precision AS known_at, a.score, a.zscore, a.stories
FROM sentiment_aggregates AS a
JOIN instruments AS i ON i.base = a.coin
WHERE i.instrument_id = ANY(%(instruments)s::integer[]) AND a.hours = 24 AND a.is_main AND a.score IS NOT NULL
    AND a.ts > %(after)s::timestamptz - INTERVAL '2 hours' AND a.ts <= %(until)s::timestamptz
    AND a.known_at > %(after)s AND a.known_at <= %(until)s
