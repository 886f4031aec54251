-- What is asked again and again: who is asked for what and how that goes, where nothing came, and alerts of it.

CREATE TABLE IF NOT EXISTS collectors (
    collector text PRIMARY KEY,
    source text NOT NULL,
    datasets text[] NOT NULL,
    every interval NOT NULL,
    rank smallint NOT NULL,
    off_because text,
    declared_at timestamptz NOT NULL,
    asked_at timestamptz,
    answered_at timestamptz,
    rows bigint,
    changed bigint,
    latency_ms double precision,
    missing jsonb NOT NULL DEFAULT '{}',
    failures integer NOT NULL DEFAULT 0,
    error_kind text,
    error text,
    failed_at timestamptz,
    run_id text
);
COMMENT ON TABLE collectors IS 'Questions that the poller asks again and again, and how the latest round of each went. The view data_sources tells who serves which data set, and why.';
COMMENT ON COLUMN collectors.collector IS 'Name of the question: the data set and who is asked.';
COMMENT ON COLUMN collectors.source IS 'Who is asked: a venue or a provider; alphapulse where rows are computed of collected ones.';
COMMENT ON COLUMN collectors.datasets IS 'Data sets that its rows are of, the main one first.';
COMMENT ON COLUMN collectors.every IS 'How often it is asked.';
COMMENT ON COLUMN collectors.rank IS 'Which of several sources of a data set it is: the lowest that answers serves it.';
COMMENT ON COLUMN collectors.off_because IS 'Why it is not asked, such as a key that is not set; null where it is asked.';
COMMENT ON COLUMN collectors.declared_at IS 'When the poller that runs it began, or found it switched off.';
COMMENT ON COLUMN collectors.asked_at IS 'When it was last asked.';
COMMENT ON COLUMN collectors.answered_at IS 'When it last answered, whether or not with rows.';
COMMENT ON COLUMN collectors.rows IS 'Valid rows of the latest answer.';
COMMENT ON COLUMN collectors.changed IS 'Rows of the latest answer that were new or changed.';
COMMENT ON COLUMN collectors.latency_ms IS 'Milliseconds from asking until the rows were stored.';
COMMENT ON COLUMN collectors.missing IS 'What the latest answer did not tell of though it was asked for, with the reason.';
COMMENT ON COLUMN collectors.failures IS 'Rounds in a row that failed.';
COMMENT ON COLUMN collectors.error_kind IS 'Kind of the latest failure; null once it answered again.';
COMMENT ON COLUMN collectors.error IS 'What the latest failure said.';
COMMENT ON COLUMN collectors.failed_at IS 'When it last failed.';
COMMENT ON COLUMN collectors.run_id IS 'Run of the poller that last asked.';

CREATE TABLE IF NOT EXISTS collection_gaps (
    collector text NOT NULL,
    gap_start timestamptz NOT NULL,
    gap_end timestamptz,
    source text NOT NULL,
    dataset text NOT NULL,
    reason text NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (collector, gap_start)
);
COMMENT ON TABLE collection_gaps IS 'Stretches in which a collector brought nothing for more than three rounds, and why. What was not asked then is not known, unless history was fetched later.';
COMMENT ON COLUMN collection_gaps.collector IS 'Question (collectors).';
COMMENT ON COLUMN collection_gaps.gap_start IS 'The last answer before.';
COMMENT ON COLUMN collection_gaps.gap_end IS 'The first answer after; null while it lasts.';
COMMENT ON COLUMN collection_gaps.source IS 'Who was asked.';
COMMENT ON COLUMN collection_gaps.dataset IS 'Main data set of the question.';
COMMENT ON COLUMN collection_gaps.reason IS 'What the failure said, or that nobody asked.';
COMMENT ON COLUMN collection_gaps.noted_at IS 'When the row was made.';

CREATE TABLE IF NOT EXISTS market_alerts (
    kind text NOT NULL
    CHECK (kind IN ('funding_extreme', 'open_interest_jump', 'dominance_shift')),
    subject text NOT NULL,
    ts timestamptz NOT NULL,
    reference text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    title text NOT NULL,
    detail jsonb NOT NULL,
    known_at timestamptz NOT NULL,
    instrument_id integer REFERENCES instruments (instrument_id),
    logic_version integer NOT NULL,
    delivery text CHECK (delivery IN ('delivered', 'failed', 'suppressed')),
    delivered_at timestamptz,
    delivery_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, subject, ts, reference)
);
CREATE INDEX IF NOT EXISTS market_alerts_by_time ON market_alerts (ts);
COMMENT ON TABLE market_alerts IS 'Alerts of what is collected; the view alerts shows them with those of streams and signals.';
COMMENT ON COLUMN market_alerts.kind IS 'funding_extreme, open_interest_jump or dominance_shift.';
COMMENT ON COLUMN market_alerts.subject IS 'What it is about, such as a symbol on a venue, or a provider''s market.';
COMMENT ON COLUMN market_alerts.ts IS 'The time that it is about.';
COMMENT ON COLUMN market_alerts.reference IS 'Tells alerts of one kind, subject and time apart; empty where there can be one only.';
COMMENT ON COLUMN market_alerts.severity IS 'info, warning or critical.';
COMMENT ON COLUMN market_alerts.title IS 'The alert in a sentence.';
COMMENT ON COLUMN market_alerts.detail IS 'The figures behind it.';
COMMENT ON COLUMN market_alerts.known_at IS 'When it was known here.';
COMMENT ON COLUMN market_alerts.instrument_id IS 'Instrument that it is about; null where it is about none.';
COMMENT ON COLUMN market_alerts.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN market_alerts.delivery IS 'What became of telling the webhook; null where none is set, or it is not settled yet.';
COMMENT ON COLUMN market_alerts.delivered_at IS 'When it arrived.';
COMMENT ON COLUMN market_alerts.delivery_error IS 'What the delivery failed with.';
COMMENT ON COLUMN market_alerts.created_at IS 'When the row was made.';
