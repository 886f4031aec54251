CREATE OR REPLACE VIEW alerts_of_platform AS
SELECT a.kind, a.subject, a.severity, a.title, a.detail, a.raised_at, a.seen_at, a.resolved_at,
    a.resolved_at IS NULL AS open, d.delivery, d.delivered_at, d.error, a.tellings, a.alert_id
FROM platform_alerts AS a
LEFT JOIN LATERAL (
    SELECT (array_agg(o.outcome ORDER BY o.settled_at DESC))[1] AS delivery,
        (array_agg(o.error ORDER BY o.settled_at DESC))[1] AS error,
        max(o.settled_at) FILTER (WHERE o.outcome = 'delivered') AS delivered_at
    FROM platform_alert_deliveries AS o WHERE o.alert_id = a.alert_id
) AS d ON true;
COMMENT ON VIEW alerts_of_platform IS 'Alerts of the platform itself, and whether they reached somebody. Alerts of the market are in the view alerts.';
COMMENT ON COLUMN alerts_of_platform.kind IS 'What is wrong: run_failed, stream_worker, candles_silent and others; docs/operations.md lists them.';
COMMENT ON COLUMN alerts_of_platform.subject IS 'What it is about: a venue, a shard, a job.';
COMMENT ON COLUMN alerts_of_platform.severity IS 'info, warning or critical.';
COMMENT ON COLUMN alerts_of_platform.title IS 'The alert in a sentence, as it was last seen.';
COMMENT ON COLUMN alerts_of_platform.detail IS 'The figures behind it, as they were last seen.';
COMMENT ON COLUMN alerts_of_platform.raised_at IS 'When it was first seen.';
COMMENT ON COLUMN alerts_of_platform.seen_at IS 'When it was last seen.';
COMMENT ON COLUMN alerts_of_platform.resolved_at IS 'When it was over; null while it is not.';
COMMENT ON COLUMN alerts_of_platform.open IS 'Whether it is wrong still.';
COMMENT ON COLUMN alerts_of_platform.delivery IS 'Outcome of the newest telling; null: sent nowhere.';
COMMENT ON COLUMN alerts_of_platform.delivered_at IS 'When it last arrived somewhere.';
COMMENT ON COLUMN alerts_of_platform.error IS 'What the newest telling failed with.';
COMMENT ON COLUMN alerts_of_platform.tellings IS 'How often it arrived.';
COMMENT ON COLUMN alerts_of_platform.alert_id IS 'Key.';
