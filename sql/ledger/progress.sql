-- A source has answered for [start, end): the part of each day without a hole from its start grows. A day
-- begins with the listing and ends with the delisting; there is nothing to answer for outside of them.
WITH days AS (
    SELECT d.day, d.rows, d.quarantined,
        greatest(%(start)s, d.day::timestamp AT TIME ZONE 'UTC') AS lo,
        least(%(end)s, d.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '24 hours') AS hi,
        greatest(d.day::timestamp AT TIME ZONE 'UTC', date_trunc('minute', i.listed_at + INTERVAL '59.999999 s')) AS first,
        least(d.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '24 hours', i.delisted_at) AS last
    FROM unnest(%(days)s::date[], %(rows)s::integer[], %(quarantined)s::integer[]) AS d (day, rows, quarantined)
    JOIN instruments AS i ON i.instrument_id = %(instrument_id)s
)
INSERT INTO ingest_ledger AS l
    (instrument_id, dataset, day, status, fetched_until, rows, quarantined, batch, run_id)
SELECT %(instrument_id)s, %(dataset)s, day, CASE WHEN lo <= first AND hi >= last THEN 'complete' ELSE 'partial' END,
    CASE WHEN lo <= first THEN hi END, rows, quarantined, %(batch)s, %(run_id)s
FROM days
ON CONFLICT (instrument_id, dataset, day) DO UPDATE SET
    (fetched_until, status) = (
        SELECT
            CASE WHEN d.lo <= greatest(l.fetched_until, d.first) THEN greatest(l.fetched_until, d.hi)
            ELSE l.fetched_until END,
            CASE WHEN l.status = 'complete' OR (d.lo <= greatest(l.fetched_until, d.first) AND d.hi >= d.last)
            THEN 'complete' ELSE 'partial' END
        FROM days AS d WHERE d.day = l.day
    ),
    rows = l.rows + excluded.rows, quarantined = l.quarantined + excluded.quarantined,
    attempts = 0, error_kind = NULL, error = NULL,
    batch = excluded.batch, run_id = excluded.run_id, updated_at = now()
