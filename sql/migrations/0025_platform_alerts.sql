-- What the platform tells of itself, what became of the telling, and what it has to ask the server for that: whether
-- TimescaleDB's background jobs do their work. Nothing above sql/ has to know which server it is.

CREATE TABLE IF NOT EXISTS platform_alerts (
    alert_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    subject text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    title text NOT NULL,
    detail jsonb NOT NULL,
    raised_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    told_at timestamptz,
    told text[] NOT NULL DEFAULT '{}',
    tellings integer NOT NULL DEFAULT 0,
    tries integer NOT NULL DEFAULT 0,
    tried_at timestamptz,
    resolved_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX IF NOT EXISTS platform_alerts_open ON platform_alerts (kind, subject) WHERE resolved_at IS NULL;
CREATE INDEX IF NOT EXISTS platform_alerts_by_time ON platform_alerts (raised_at);
COMMENT ON TABLE platform_alerts IS 'What is or was wrong with the platform itself: one row from when it was first seen until it was over. The view alerts_of_platform shows what became of the telling.';
COMMENT ON COLUMN platform_alerts.alert_id IS 'Key.';
COMMENT ON COLUMN platform_alerts.kind IS 'What is wrong: run_failed, stream_worker, candles_silent and others; docs/operations.md lists them.';
COMMENT ON COLUMN platform_alerts.subject IS 'What it is about: a venue, a shard, a job. With the kind it is the identity of an alert: one is open at a time.';
COMMENT ON COLUMN platform_alerts.severity IS 'info, warning or critical.';
COMMENT ON COLUMN platform_alerts.title IS 'The alert in a sentence, as it was last seen.';
COMMENT ON COLUMN platform_alerts.detail IS 'The figures behind it, as they were last seen.';
COMMENT ON COLUMN platform_alerts.raised_at IS 'When it was first seen.';
COMMENT ON COLUMN platform_alerts.seen_at IS 'When it was last seen.';
COMMENT ON COLUMN platform_alerts.told_at IS 'When it last reached the webhook; null: not yet, or none is set.';
COMMENT ON COLUMN platform_alerts.told IS 'What was told last: its severity, then what it was about, such as symbols; more than that is told again.';
COMMENT ON COLUMN platform_alerts.tellings IS 'How often it reached the webhook.';
COMMENT ON COLUMN platform_alerts.tries IS 'Deliveries in a row that failed.';
COMMENT ON COLUMN platform_alerts.tried_at IS 'When a delivery was last tried.';
COMMENT ON COLUMN platform_alerts.resolved_at IS 'When it was over; null while it is not.';
COMMENT ON COLUMN platform_alerts.created_at IS 'When the row was made.';

CREATE TABLE IF NOT EXISTS platform_alert_deliveries (
    alert_id bigint NOT NULL REFERENCES platform_alerts (alert_id) ON DELETE CASCADE,
    settled_at timestamptz NOT NULL,
    sink text NOT NULL,
    what text NOT NULL CHECK (what IN ('raised', 'again', 'resolved')),
    outcome text NOT NULL CHECK (outcome IN ('delivered', 'failed', 'suppressed')),
    attempts integer NOT NULL,
    error text,
    PRIMARY KEY (alert_id, settled_at, sink)
);
CREATE INDEX IF NOT EXISTS platform_alert_deliveries_by_time ON platform_alert_deliveries (settled_at);
COMMENT ON TABLE platform_alert_deliveries IS 'What became of each telling of an alert of the platform.';
COMMENT ON COLUMN platform_alert_deliveries.alert_id IS 'Alert (platform_alerts).';
COMMENT ON COLUMN platform_alert_deliveries.settled_at IS 'When that was settled.';
COMMENT ON COLUMN platform_alert_deliveries.sink IS 'Where it was sent.';
COMMENT ON COLUMN platform_alert_deliveries.what IS 'raised: it was new; again: it lasts, or became worse; resolved: it is over.';
COMMENT ON COLUMN platform_alert_deliveries.outcome IS 'delivered, failed (given up) or suppressed (more than the rate allowed).';
COMMENT ON COLUMN platform_alert_deliveries.attempts IS 'How often it was tried.';
COMMENT ON COLUMN platform_alert_deliveries.error IS 'What the last failure said.';

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

CREATE TABLE IF NOT EXISTS database_sizes (
    at timestamptz PRIMARY KEY,
    bytes bigint NOT NULL
);
COMMENT ON TABLE database_sizes IS 'How large the database was, by the hour: from that it is known when a disk will be full.';
COMMENT ON COLUMN database_sizes.at IS 'The hour.';
COMMENT ON COLUMN database_sizes.bytes IS 'Size of the database then, in bytes.';

CREATE TABLE IF NOT EXISTS platform_watch (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    looked_at timestamptz NOT NULL,
    streams_on boolean NOT NULL
);
COMMENT ON TABLE platform_watch IS 'When the sensor platform_watch last looked: where that is long ago, nobody watches.';
COMMENT ON COLUMN platform_watch.only_row IS 'There is one row.';
COMMENT ON COLUMN platform_watch.looked_at IS 'When it last looked.';
COMMENT ON COLUMN platform_watch.streams_on IS 'Whether the sensor stream_supervisor was switched on then.';

-- what came in lately is asked for twice a minute
CREATE INDEX IF NOT EXISTS quarantine_by_time ON quarantine (first_seen);

-- What others note is looked at where it is noted: a schema without these tables has nothing of the kind.
CREATE OR REPLACE FUNCTION days_not_refreshed() RETURNS TABLE (
    timeframe text, instrument_id integer, day date, error text, failed_at timestamptz
)
LANGUAGE plpgsql STABLE AS $function$
BEGIN
    IF to_regclass('refresh_failures') IS NOT NULL THEN
        RETURN QUERY EXECUTE $query$
            SELECT f.timeframe, f.instrument_id, f.day, f.error, f.failed_at
            FROM refresh_failures AS f WHERE f.resolved_at IS NULL
        $query$;
    END IF;
END $function$;
COMMENT ON FUNCTION days_not_refreshed() IS 'Days whose candles did not make bars when their timeframe was last refreshed.';

CREATE OR REPLACE FUNCTION clocks_of_venues() RETURNS TABLE (venue text, ahead_seconds double precision)
LANGUAGE plpgsql STABLE AS $function$
BEGIN
    IF to_regclass('venue_clocks') IS NOT NULL THEN
        RETURN QUERY EXECUTE $query$
            SELECT DISTINCT ON (c.venue) c.venue, c.ahead_seconds
            FROM venue_clocks AS c WHERE c.measured_at > clock_timestamp() - INTERVAL '5 minutes'
            ORDER BY c.venue, abs(c.ahead_seconds) DESC
        $query$;
    END IF;
END $function$;
COMMENT ON FUNCTION clocks_of_venues() IS 'Seconds that our clock is ahead of each venue''s, as streams measured it in the last minutes; the largest of the shards.';

CREATE OR REPLACE FUNCTION background_jobs() RETURNS TABLE (
    job_id integer, work text, relation text, every interval, scheduled boolean, last_run_at timestamptz,
    last_success_at timestamptz, last_status text, runs bigint, failures bigint, failures_in_a_row integer, error text
)
LANGUAGE plpgsql STABLE AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        RETURN;
    END IF;
    -- an infinite time means never; only jobs of relations are ours to look at
    RETURN QUERY EXECUTE $query$
        SELECT j.job_id::integer, j.proc_name::text, coalesce(c.view_name, j.hypertable_name)::text, j.schedule_interval,
            j.scheduled, nullif(s.last_run_started_at, '-infinity'), nullif(s.last_successful_finish, '-infinity'),
            s.last_run_status::text, coalesce(s.total_runs, 0), coalesce(s.total_failures, 0),
            (SELECT count(*) FROM timescaledb_information.job_errors AS e
                WHERE e.job_id = j.job_id AND e.start_time > coalesce(s.last_successful_finish, '-infinity'))::integer,
            (SELECT e.err_message FROM timescaledb_information.job_errors AS e
                WHERE e.job_id = j.job_id ORDER BY e.finish_time DESC NULLS LAST LIMIT 1)
        FROM timescaledb_information.jobs AS j
        LEFT JOIN timescaledb_information.job_stats AS s USING (job_id)
        LEFT JOIN timescaledb_information.continuous_aggregates AS c
            ON (c.materialization_hypertable_schema, c.materialization_hypertable_name)
                = (j.hypertable_schema, j.hypertable_name)
        WHERE j.hypertable_name IS NOT NULL
    $query$;
END $function$;
COMMENT ON FUNCTION background_jobs() IS 'TimescaleDB''s jobs of this database''s relations: packing into columns, dropping what is old. How they went; nothing without TimescaleDB.';

CREATE OR REPLACE FUNCTION background_work_undone() RETURNS TABLE (
    job_id integer, work text, relation text, last_success_at timestamptz, failures_in_a_row integer, error text
)
LANGUAGE sql STABLE AS $function$
    SELECT b.job_id, b.work, b.relation, b.last_success_at, b.failures_in_a_row, b.error
    FROM background_jobs() AS b
    WHERE b.scheduled AND CASE
        -- one failure may be a restart's; two, or one before it ever succeeded, are not
        WHEN b.failures_in_a_row >= 2 OR (b.failures_in_a_row = 1 AND b.last_success_at IS NULL) THEN true
        WHEN b.last_success_at IS NOT NULL THEN
            b.last_success_at < clock_timestamp() - 2 * b.every - INTERVAL '1 hour'
        -- never run: nobody starts jobs; how long there was time for it is known from when sizes were first measured
        ELSE EXISTS (SELECT FROM database_sizes AS s WHERE s.at < clock_timestamp() - 2 * b.every - INTERVAL '1 hour')
    END
$function$;
COMMENT ON FUNCTION background_work_undone() IS 'TimescaleDB''s jobs that keep failing, or have not succeeded for two of their intervals; nothing without TimescaleDB.';
