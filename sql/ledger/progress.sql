-- A source has answered for [start, end): the part of each day without a hole from its start grows.
WITH days AS (
    SELECT d.day, d.rows, d.quarantined,
        greatest(%(start)s, d.day::timestamp AT TIME ZONE 'UTC') AS lo,
        least(%(end)s, d.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '1 day') AS hi
    FROM unnest(%(days)s::date[], %(rows)s::integer[], %(quarantined)s::integer[]) AS d (day, rows, quarantined)
)
INSERT INTO ingest_ledger AS l
    (instrument_id, day, status, fetched_until, rows, quarantined, batch, run_id)
SELECT %(instrument_id)s, day,
    CASE WHEN lo = day::timestamp AT TIME ZONE 'UTC' AND hi = lo + INTERVAL '1 day' THEN 'complete' ELSE 'partial' END,
    CASE WHEN lo = day::timestamp AT TIME ZONE 'UTC' THEN hi END, rows, quarantined, %(batch)s, %(run_id)s
FROM days
ON CONFLICT (instrument_id, day) DO UPDATE SET
    fetched_until = CASE
        WHEN %(start)s <= coalesce(l.fetched_until, l.day::timestamp AT TIME ZONE 'UTC')
        THEN greatest(l.fetched_until, least(%(end)s, l.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '1 day'))
        ELSE l.fetched_until
    END,
    status = CASE
        WHEN l.status = 'complete' OR (
            %(start)s <= coalesce(l.fetched_until, l.day::timestamp AT TIME ZONE 'UTC')
            AND %(end)s >= l.day::timestamp AT TIME ZONE 'UTC' + INTERVAL '1 day')
        THEN 'complete' ELSE 'partial'
    END,
    rows = l.rows + excluded.rows, quarantined = l.quarantined + excluded.quarantined,
    attempts = 0, error_kind = NULL, error = NULL,
    batch = excluded.batch, run_id = excluded.run_id, updated_at = now()
