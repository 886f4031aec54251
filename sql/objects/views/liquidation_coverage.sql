CREATE OR REPLACE VIEW liquidation_coverage AS
SELECT i.venue, i.symbol, d.stream, d.complete AS stream_is_complete, d.tells, d.leaves_out,
    coalesce(h.listening, false) AS listening, h.listening_since, h.first_listened_at, h.last_listened_at,
    coalesce(n.seconds, 0) AS listened_seconds_24h, coalesce(n.seconds, 0) / 86400 AS listened_share_24h,
    c.liquidations_24h, z.last_liquidation_at, d.source, i.instrument_id
FROM instruments AS i
CROSS JOIN LATERAL (
    SELECT s.stream, s.complete, s.tells, s.leaves_out, s.source
    FROM liquidation_streams AS s
    WHERE s.venue = i.venue AND s.since <= current_date
    ORDER BY s.since DESC
    LIMIT 1
) AS d
LEFT JOIN LATERAL (
    SELECT bool_or(e.goes_on) AS listening, min(e.began) FILTER (WHERE e.goes_on) AS listening_since,
        min(e.began) AS first_listened_at, max(e.ended) AS last_listened_at,
        range_agg(tstzrange(greatest(e.began, now() - INTERVAL '24 hours'), e.ended)) FILTER (
            WHERE e.ended > greatest(e.began, now() - INTERVAL '24 hours')
        ) AS stretches
    FROM (
        -- what goes on is told without an end: a run that died ended when it last said that it lives
        SELECT l.ts AS began, l.until_at IS NULL AND coalesce(stream_alive(w.stopped_at, w.heartbeat_at), false) AS goes_on,
            CASE
                WHEN l.until_at IS NOT NULL THEN l.until_at
                WHEN stream_alive(w.stopped_at, w.heartbeat_at) THEN now()
                ELSE greatest(l.ts, least(w.stopped_at, w.heartbeat_at))
            END AS ended
        FROM liquidation_listening AS l
        LEFT JOIN stream_workers AS w USING (run_id)
        WHERE l.instrument_id = i.instrument_id
    ) AS e
) AS h ON true
LEFT JOIN LATERAL (
    SELECT sum(extract(epoch FROM upper(stretch) - lower(stretch)))::double precision AS seconds
    FROM unnest(h.stretches) AS stretch
) AS n ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS liquidations_24h
    FROM liquidations AS l
    WHERE l.instrument_id = i.instrument_id AND l.ts >= now() - INTERVAL '24 hours'
) AS c ON true
LEFT JOIN LATERAL (
    SELECT l.ts AS last_liquidation_at
    FROM liquidations AS l
    WHERE l.instrument_id = i.instrument_id
    ORDER BY l.ts DESC
    LIMIT 1
) AS z ON true
WHERE i.kind IN ('perpetual', 'future') AND (i.tracked OR h.first_listened_at IS NOT NULL);
COMMENT ON VIEW liquidation_coverage IS 'Of each contract: what its venue''s stream of liquidations tells and leaves out, and how long it was listened to. While nobody listens, no row means nothing.';
COMMENT ON COLUMN liquidation_coverage.venue IS 'Venue.';
COMMENT ON COLUMN liquidation_coverage.symbol IS 'Unified symbol.';
COMMENT ON COLUMN liquidation_coverage.stream IS 'Stream that is listened to.';
COMMENT ON COLUMN liquidation_coverage.stream_is_complete IS 'Whether the venue says that it tells all of them. If not, sums are lower bounds.';
COMMENT ON COLUMN liquidation_coverage.tells IS 'What it tells.';
COMMENT ON COLUMN liquidation_coverage.leaves_out IS 'What it leaves out.';
COMMENT ON COLUMN liquidation_coverage.listening IS 'Whether a run that lives has the venue''s acceptance of the subscription now.';
COMMENT ON COLUMN liquidation_coverage.listening_since IS 'Since when without a break, by our clock. Null: nobody listens.';
COMMENT ON COLUMN liquidation_coverage.first_listened_at IS 'When somebody first listened. Null: never.';
COMMENT ON COLUMN liquidation_coverage.last_listened_at IS 'Until when somebody listened at least. Null: never, or nothing is known of the run.';
COMMENT ON COLUMN liquidation_coverage.listened_seconds_24h IS 'Seconds of the last 24 hours in which somebody listened.';
COMMENT ON COLUMN liquidation_coverage.listened_share_24h IS 'The same as a part of these hours, 0 to 1.';
COMMENT ON COLUMN liquidation_coverage.liquidations_24h IS 'Liquidations of the last 24 hours that were told.';
COMMENT ON COLUMN liquidation_coverage.last_liquidation_at IS 'When the newest was traded, by the venue''s clock. Null: none was told.';
COMMENT ON COLUMN liquidation_coverage.source IS 'Where the venue says what its stream tells.';
COMMENT ON COLUMN liquidation_coverage.instrument_id IS 'Key of the instrument, for joins.';
