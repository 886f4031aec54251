-- A provider has answered for [start, end): the part of each day without a hole from its start grows.
WITH days AS (
    SELECT d.day, d.rows, d.quarantined,
        greatest(%(start)s, d.day::timestamp AT TIME ZONE 'UTC') AS lo,
        least(%(end)s, d.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '24 hours') AS hi,
        d.day::timestamp AT TIME ZONE 'UTC' AS first,
        d.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '24 hours' AS last
    FROM unnest(%(days)s::date[], %(rows)s::integer[], %(quarantined)s::integer[]) AS d (day, rows, quarantined)
)
INSERT INTO provider_ledger AS l
    (provider, dataset, series, day, status, fetched_until, rows, quarantined, batch, run_id)
SELECT %(provider)s, %(dataset)s, %(series)s, day,
    CASE WHEN lo <= first AND hi >= last THEN 'complete' ELSE 'partial' END,
    CASE WHEN lo <= first THEN hi END, rows, quarantined, %(batch)s, %(run_id)s
FROM days
ON CONFLICT (provider, dataset, series, day) DO UPDATE SET
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
