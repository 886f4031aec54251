-- Tracked perpetuals whose history of one of the data sets has a day before today that no fetch has completed, per venue;
-- each data set with the venues that tell its past (datasets and venues go together, place by place).
-- A day that failed rests first, twice as long each time (up to six hours).
WITH wanted AS (
    SELECT i.venue, i.symbol, i.instrument_id, s.dataset, (d AT TIME ZONE 'UTC')::date AS day
    FROM instruments AS i
    JOIN unnest(%(datasets)s::text[], %(venues)s::text[]) AS s (dataset, venue) ON s.venue = i.venue
    CROSS JOIN LATERAL generate_series(
        greatest(i.history_start, date_trunc('day', i.listed_at, 'UTC'),
            %(first_partition)s::timestamp AT TIME ZONE 'UTC'),
        least(date_trunc('day', now(), 'UTC'), i.delisted_at) - INTERVAL '1 us',
        INTERVAL '24 hours'
    ) AS d
    WHERE i.tracked AND i.venue_symbol IS NOT NULL AND i.problem IS NULL AND i.kind = 'perpetual'
), open AS (
    SELECT w.*, coalesce(l.attempts, 0) AS attempts
    FROM wanted AS w
    LEFT JOIN ingest_ledger AS l
        ON l.instrument_id = w.instrument_id AND l.dataset = w.dataset AND l.day = w.day
    WHERE l.status IS NULL OR (
            l.status <> 'complete'
            AND l.updated_at < now() - least(INTERVAL '6 hours', %(rest)s * power(2, least(l.attempts, 10))))
)
SELECT venue, array_agg(DISTINCT symbol ORDER BY symbol) AS symbols, min(day) AS first_day, max(day) AS last_day,
    max(attempts) AS attempts
FROM open
GROUP BY venue
ORDER BY venue
