-- A round was answered: what was open of a gap is closed, and one that nobody noted is noted.
WITH before AS (
    SELECT collector, source, datasets[1] AS dataset, every, answered_at, error FROM collectors
    WHERE collector = %(collector)s FOR UPDATE
), closed AS (
    UPDATE collection_gaps AS g SET gap_end = %(at)s
    FROM before AS b WHERE g.collector = b.collector AND g.gap_end IS NULL
    RETURNING g.collector
), noted AS (
    INSERT INTO collection_gaps (collector, gap_start, gap_end, source, dataset, reason)
    SELECT b.collector, b.answered_at, %(at)s, b.source, b.dataset, coalesce(b.error, 'nobody asked: the poller did not run')
    FROM before AS b
    WHERE b.answered_at < %(at)s - greatest(3 * b.every, INTERVAL '3 minutes') AND NOT EXISTS (SELECT FROM closed)
    ON CONFLICT DO NOTHING
)
UPDATE collectors AS c SET
    asked_at = %(asked_at)s, answered_at = %(at)s, rows = %(rows)s, changed = %(changed)s, latency_ms = %(latency_ms)s,
    missing = %(missing)s, failures = 0, error_kind = NULL, error = NULL, run_id = %(run_id)s
FROM before AS b
WHERE c.collector = b.collector
