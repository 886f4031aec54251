-- Imports, the newest first; one that no session holds any more was cut short. What was cut short knows its chunks only.
SELECT i.import_id AS id, i.started_at,
    CASE WHEN i.status <> 'running' THEN i.status WHEN l.pid IS NULL THEN 'unfinished' ELSE 'running' END AS status,
    i.dataset, i.venue, i.symbol, i.timeframe, i.rows,
    greatest(i.inserted, coalesce(c.inserted, 0)) AS new, greatest(i.changed, coalesce(c.changed, 0)) AS changed,
    i.unchanged, i.quarantined, i.files, i.command, i.error, i.finished_at, i.undone_at, i.removed, i.restored, i.kept
FROM imports AS i
LEFT JOIN (
    SELECT import_id, sum(inserted)::bigint AS inserted, sum(changed)::bigint AS changed
    FROM (
        SELECT import_id, inserted, changed FROM import_chunks
        UNION ALL
        SELECT import_id, inserted, changed FROM import_futures_chunks
    ) AS chunks
    GROUP BY import_id
) AS c USING (import_id)
LEFT JOIN platform.lease_holders AS l ON l.name = 'import/' || i.import_id
WHERE %(id)s::integer IS NULL OR i.import_id = %(id)s
ORDER BY i.import_id DESC
LIMIT %(limit)s
