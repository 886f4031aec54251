-- Close what lost workers left open: their books were last known to be right at their last heartbeat.
-- Workers of this shard are lost, as its lock is ours; those of other shards when they are silent and no
-- session of theirs is left.
WITH lost AS (
    SELECT w.run_id, w.heartbeat_at
    FROM stream_workers AS w
    WHERE w.stopped_at IS NULL AND w.run_id <> %(run_id)s
        AND (
            w.shard = %(shard)s
            OR w.heartbeat_at < now() - INTERVAL '1 minute' AND NOT EXISTS (
                SELECT FROM pg_stat_activity AS a
                WHERE a.datname = current_database() AND a.application_name = 'alphapulse stream ' || w.run_id
            )
        )
), closed AS (
    INSERT INTO order_book_events (instrument_id, ts, state_before, state_after, cause, detail, run_id)
    SELECT last.instrument_id, greatest(lost.heartbeat_at, last.ts), last.state_after, 'stopped', 'worker_lost',
        '{}'::jsonb, last.run_id
    FROM instruments AS i
    CROSS JOIN LATERAL (
        SELECT e.instrument_id, e.ts, e.state_after, e.run_id
        FROM order_book_events AS e
        WHERE e.instrument_id = i.instrument_id
        ORDER BY e.ts DESC, e.created_at DESC, e.state_after = 'stopped' DESC
        LIMIT 1
    ) AS last
    JOIN lost USING (run_id)
    WHERE last.state_after <> 'stopped'
    ON CONFLICT DO NOTHING
    RETURNING instrument_id
), status AS (
    UPDATE order_book_status AS s
    SET state = 'stopped', cause = 'worker_lost', since = lost.heartbeat_at
    FROM lost
    WHERE s.run_id = lost.run_id AND s.state <> 'stopped'
), workers AS (
    UPDATE stream_workers AS w
    SET stopped_at = lost.heartbeat_at, stopped_because = 'lost'
    FROM lost
    WHERE w.run_id = lost.run_id
    RETURNING w.run_id
)
SELECT (SELECT array_agg(run_id) FROM workers) AS runs, (SELECT count(*) FROM closed) AS books
