-- A round failed: once three rounds, and three minutes, are without an answer, that is a gap.
WITH failed AS (
    UPDATE collectors SET
        asked_at = %(asked_at)s, failures = failures + 1, error_kind = %(error_kind)s, error = %(error)s,
        failed_at = %(at)s, latency_ms = %(latency_ms)s, run_id = %(run_id)s
    WHERE collector = %(collector)s
    RETURNING collector, source, datasets[1] AS dataset, every, coalesce(answered_at, declared_at) AS since, error
)
INSERT INTO collection_gaps (collector, gap_start, source, dataset, reason)
SELECT f.collector, f.since, f.source, f.dataset, f.error
FROM failed AS f
WHERE f.since < %(at)s - greatest(3 * f.every, INTERVAL '3 minutes')
    AND NOT EXISTS (SELECT FROM collection_gaps AS g WHERE g.collector = f.collector AND g.gap_end IS NULL)
ON CONFLICT DO NOTHING
