-- Candles and what is known about them: the minute bars, native bars, ledger, gaps, flags, quality.
-- ts is the open time, windows are half-open, all times UTC.

CREATE TABLE IF NOT EXISTS ohlcv_1m (
    instrument_id integer NOT NULL,
    ts timestamptz NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    volume double precision NOT NULL,
    quote_volume double precision,
    trades bigint,
    taker_buy_volume double precision,
    source_id smallint NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (instrument_id, ts)
);
COMMENT ON TABLE ohlcv_1m IS 'Closed 1m candles as the venue gave them: validated, never filled, one per instrument and minute.';
COMMENT ON COLUMN ohlcv_1m.instrument_id IS 'Instrument (instruments). Not a foreign key: the check would cost a third of every load.';
COMMENT ON COLUMN ohlcv_1m.ts IS 'Open time of the candle.';
COMMENT ON COLUMN ohlcv_1m.open IS 'First trade''s price, in quote units.';
COMMENT ON COLUMN ohlcv_1m.high IS 'Highest price.';
COMMENT ON COLUMN ohlcv_1m.low IS 'Lowest price.';
COMMENT ON COLUMN ohlcv_1m.close IS 'Last trade''s price.';
COMMENT ON COLUMN ohlcv_1m.volume IS 'Traded size, in base units.';
COMMENT ON COLUMN ohlcv_1m.quote_volume IS 'Traded value, in quote units; null where the source does not tell.';
COMMENT ON COLUMN ohlcv_1m.trades IS 'Number of trades; null where the source does not tell.';
COMMENT ON COLUMN ohlcv_1m.taker_buy_volume IS 'Size bought by takers, in base units; null where the source does not tell.';
COMMENT ON COLUMN ohlcv_1m.source_id IS 'Where the present values came from (sources).';
COMMENT ON COLUMN ohlcv_1m.received_at IS 'When the present values reached us.';

CREATE TABLE IF NOT EXISTS ohlcv_native (
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    volume double precision NOT NULL,
    quote_volume double precision,
    trades bigint,
    taker_buy_volume double precision,
    source_id smallint NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (instrument_id, timeframe_id, ts)
);
COMMENT ON TABLE ohlcv_native IS 'Bars coarser than 1m as a venue or file gave them. The view ohlcv shows them where no aggregate of 1m exists.';
COMMENT ON COLUMN ohlcv_native.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN ohlcv_native.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN ohlcv_native.ts IS 'Open time of the bar.';
COMMENT ON COLUMN ohlcv_native.open IS 'First trade''s price, in quote units.';
COMMENT ON COLUMN ohlcv_native.high IS 'Highest price.';
COMMENT ON COLUMN ohlcv_native.low IS 'Lowest price.';
COMMENT ON COLUMN ohlcv_native.close IS 'Last trade''s price.';
COMMENT ON COLUMN ohlcv_native.volume IS 'Traded size, in base units.';
COMMENT ON COLUMN ohlcv_native.quote_volume IS 'Traded value, in quote units; null where the source does not tell.';
COMMENT ON COLUMN ohlcv_native.trades IS 'Number of trades; null where the source does not tell.';
COMMENT ON COLUMN ohlcv_native.taker_buy_volume IS 'Size bought by takers, in base units; null where the source does not tell.';
COMMENT ON COLUMN ohlcv_native.source_id IS 'Where the present values came from (sources).';
COMMENT ON COLUMN ohlcv_native.received_at IS 'When the present values reached us.';

CREATE TABLE IF NOT EXISTS ohlcv_revisions (
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    revised_at timestamptz NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    volume double precision NOT NULL,
    quote_volume double precision,
    trades bigint,
    taker_buy_volume double precision,
    source_id smallint NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (instrument_id, timeframe_id, ts, revised_at)
);
COMMENT ON TABLE ohlcv_revisions IS 'What a candle said before a source corrected it: with it, any past state of the candles can be told.';
COMMENT ON COLUMN ohlcv_revisions.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN ohlcv_revisions.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN ohlcv_revisions.ts IS 'Open time of the bar.';
COMMENT ON COLUMN ohlcv_revisions.revised_at IS 'When these values were replaced.';
COMMENT ON COLUMN ohlcv_revisions.open IS 'Replaced value.';
COMMENT ON COLUMN ohlcv_revisions.high IS 'Replaced value.';
COMMENT ON COLUMN ohlcv_revisions.low IS 'Replaced value.';
COMMENT ON COLUMN ohlcv_revisions.close IS 'Replaced value.';
COMMENT ON COLUMN ohlcv_revisions.volume IS 'Replaced value.';
COMMENT ON COLUMN ohlcv_revisions.quote_volume IS 'Replaced value.';
COMMENT ON COLUMN ohlcv_revisions.trades IS 'Replaced value.';
COMMENT ON COLUMN ohlcv_revisions.taker_buy_volume IS 'Replaced value.';
COMMENT ON COLUMN ohlcv_revisions.source_id IS 'Where the replaced values had come from (sources).';
COMMENT ON COLUMN ohlcv_revisions.received_at IS 'When the replaced values had reached us.';

CREATE TABLE IF NOT EXISTS native_differences (
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    field text NOT NULL,
    native double precision,
    aggregated double precision,
    found_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, timeframe_id, ts, field)
);
COMMENT ON TABLE native_differences IS 'Where a venue''s own bar disagrees with the aggregate of its 1m candles by more than 1e-9 relative.';
COMMENT ON COLUMN native_differences.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN native_differences.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN native_differences.ts IS 'Open time of the bar.';
COMMENT ON COLUMN native_differences.field IS 'open, high, low, close or volume.';
COMMENT ON COLUMN native_differences.native IS 'What the venue''s own bar says.';
COMMENT ON COLUMN native_differences.aggregated IS 'What the 1m candles add up to.';
COMMENT ON COLUMN native_differences.found_at IS 'When the difference was found.';

CREATE TABLE IF NOT EXISTS ingest_ledger (
    instrument_id integer NOT NULL REFERENCES instruments (instrument_id),
    day date NOT NULL,
    status text NOT NULL CHECK (status IN ('fetching', 'partial', 'complete', 'failed')),
    fetched_until timestamptz,
    rows integer NOT NULL DEFAULT 0,
    quarantined integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    error_kind text,
    error text,
    batch text,
    run_id text,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, day)
);
COMMENT ON TABLE ingest_ledger IS 'How far the fetching of each instrument and day has come. Written in the same transaction as the candles.';
COMMENT ON COLUMN ingest_ledger.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN ingest_ledger.day IS 'UTC day.';
COMMENT ON COLUMN ingest_ledger.status IS 'fetching: under way; partial: answered so far, the day is not over; complete: the whole day was answered; failed: see error.';
COMMENT ON COLUMN ingest_ledger.fetched_until IS 'End of the part of the day that sources have answered for, without a hole, from its start.';
COMMENT ON COLUMN ingest_ledger.rows IS 'Candles of the day that the last fetch brought.';
COMMENT ON COLUMN ingest_ledger.quarantined IS 'Rows of the day that the last fetch put into quarantine.';
COMMENT ON COLUMN ingest_ledger.attempts IS 'Fetches in a row that failed; 0 after a success.';
COMMENT ON COLUMN ingest_ledger.error_kind IS 'Kind of the last failure (banned, geo_blocked, venue_down, timeout, bad_symbol, bad_body ...).';
COMMENT ON COLUMN ingest_ledger.error IS 'What the last failure said.';
COMMENT ON COLUMN ingest_ledger.batch IS 'Backfill or first run that the last fetch belongs to; a retry of it goes on where it stopped.';
COMMENT ON COLUMN ingest_ledger.run_id IS 'Dagster run of the last fetch.';
COMMENT ON COLUMN ingest_ledger.updated_at IS 'When this row last changed.';
CREATE INDEX IF NOT EXISTS ingest_ledger_open ON ingest_ledger (status, updated_at) WHERE status <> 'complete';

CREATE TABLE IF NOT EXISTS gap_ledger (
    instrument_id integer NOT NULL REFERENCES instruments (instrument_id),
    gap_start timestamptz NOT NULL,
    gap_end timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('detected', 'repaired', 'venue_had_none')),
    detected_at timestamptz NOT NULL,
    repaired_at timestamptz,
    repaired_from text,
    verifications jsonb NOT NULL DEFAULT '[]',
    verified_at timestamptz,
    reason text,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    PRIMARY KEY (instrument_id, gap_start),
    CHECK (gap_start < gap_end)
);
COMMENT ON TABLE gap_ledger IS 'Every stretch of minutes that is or was missing, and what became of it.';
COMMENT ON COLUMN gap_ledger.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN gap_ledger.gap_start IS 'Open time of the first missing minute.';
COMMENT ON COLUMN gap_ledger.gap_end IS 'Open time of the first minute after the gap.';
COMMENT ON COLUMN gap_ledger.state IS 'detected: open; repaired: candles came later; venue_had_none: sources were asked twice and have nothing.';
COMMENT ON COLUMN gap_ledger.detected_at IS 'When it was first seen to be missing.';
COMMENT ON COLUMN gap_ledger.repaired_at IS 'When its candles came.';
COMMENT ON COLUMN gap_ledger.repaired_from IS 'Source the candles came from.';
COMMENT ON COLUMN gap_ledger.verifications IS 'Sources that answered without these minutes: [{"source": ..., "at": ...}].';
COMMENT ON COLUMN gap_ledger.verified_at IS 'When it was established that the venue had none.';
COMMENT ON COLUMN gap_ledger.reason IS 'Why it is missing, as far as known.';
COMMENT ON COLUMN gap_ledger.attempts IS 'Repairs tried.';
COMMENT ON COLUMN gap_ledger.next_attempt_at IS 'When the next repair is due.';
CREATE INDEX IF NOT EXISTS gap_ledger_open ON gap_ledger (next_attempt_at) WHERE state = 'detected';

CREATE TABLE IF NOT EXISTS quarantine (
    quarantine_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dataset text NOT NULL,
    instrument_id integer REFERENCES instruments (instrument_id),
    ts timestamptz,
    reasons text[] NOT NULL,
    payload jsonb NOT NULL,
    source_id smallint,
    first_seen timestamptz NOT NULL DEFAULT now(),
    last_seen timestamptz NOT NULL DEFAULT now(),
    seen integer NOT NULL DEFAULT 1,
    digest text GENERATED ALWAYS AS (md5(payload::text)) STORED
);
CREATE UNIQUE INDEX IF NOT EXISTS quarantine_row
    ON quarantine (dataset, coalesce(instrument_id, 0), coalesce(ts, '-infinity'), digest);
COMMENT ON TABLE quarantine IS 'Rows that broke a hard rule, as they came. They are in no other table.';
COMMENT ON COLUMN quarantine.quarantine_id IS 'Key.';
COMMENT ON COLUMN quarantine.dataset IS 'Table the row was meant for.';
COMMENT ON COLUMN quarantine.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN quarantine.ts IS 'Time the row claims; null when it has none.';
COMMENT ON COLUMN quarantine.reasons IS 'Names of the rules it broke.';
COMMENT ON COLUMN quarantine.payload IS 'The row as it came.';
COMMENT ON COLUMN quarantine.source_id IS 'Where it came from (sources).';
COMMENT ON COLUMN quarantine.first_seen IS 'When it first came.';
COMMENT ON COLUMN quarantine.last_seen IS 'When it last came.';
COMMENT ON COLUMN quarantine.seen IS 'How often it came.';
COMMENT ON COLUMN quarantine.digest IS 'Digest of the payload: the same bad row is kept once.';

CREATE TABLE IF NOT EXISTS candle_flags (
    instrument_id integer NOT NULL,
    ts timestamptz NOT NULL,
    flag text NOT NULL,
    score double precision NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}',
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, ts, flag, logic_version)
);
COMMENT ON TABLE candle_flags IS 'Stored 1m candles that look odd. A flag is a remark, not a verdict: the candle is used.';
COMMENT ON COLUMN candle_flags.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN candle_flags.ts IS 'Open time of the candle.';
COMMENT ON COLUMN candle_flags.flag IS 'jump, stale, zero_volume, volume_outlier, wick or cross_venue.';
COMMENT ON COLUMN candle_flags.score IS 'How odd, in the unit of the rule (robust z, bars, basis points).';
COMMENT ON COLUMN candle_flags.detail IS 'The figures behind it.';
COMMENT ON COLUMN candle_flags.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN candle_flags.known_at IS 'When it could first be known: the close of the candle.';
COMMENT ON COLUMN candle_flags.created_at IS 'When the row was made.';

CREATE TABLE IF NOT EXISTS quality_daily (
    instrument_id integer NOT NULL REFERENCES instruments (instrument_id),
    day date NOT NULL,
    score double precision,
    completeness double precision,
    explained double precision,
    validity double precision,
    consistency double precision,
    timeliness double precision,
    agreement double precision,
    coverage_of_score double precision NOT NULL,
    expected integer NOT NULL,
    present integer NOT NULL,
    venue_had_none integer NOT NULL,
    quarantined integer NOT NULL,
    flagged integer NOT NULL,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, day, logic_version)
);
COMMENT ON TABLE quality_daily IS 'How good the 1m candles of an instrument and day are, with the parts of the score.';
COMMENT ON COLUMN quality_daily.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN quality_daily.day IS 'UTC day.';
COMMENT ON COLUMN quality_daily.score IS 'Weighted mean of the parts, 0 to 100.';
COMMENT ON COLUMN quality_daily.completeness IS 'Present minutes / expected minutes, 0 to 1.';
COMMENT ON COLUMN quality_daily.explained IS '(Present minutes + minutes the venue verifiably had none) / expected minutes, 0 to 1.';
COMMENT ON COLUMN quality_daily.validity IS 'Share of the rows received that broke no hard rule, 0 to 1.';
COMMENT ON COLUMN quality_daily.consistency IS '1 - weighted share of flagged candles, 0 to 1.';
COMMENT ON COLUMN quality_daily.timeliness IS 'Share of live candles received within 90 s of their close; null when nothing came live.';
COMMENT ON COLUMN quality_daily.agreement IS '1 - share of candles that deviate from the same pair elsewhere; null without a second venue.';
COMMENT ON COLUMN quality_daily.coverage_of_score IS 'Share of the weights whose parts were there.';
COMMENT ON COLUMN quality_daily.expected IS 'Minutes that should be there by now.';
COMMENT ON COLUMN quality_daily.present IS 'Minutes that are there.';
COMMENT ON COLUMN quality_daily.venue_had_none IS 'Minutes the venue verifiably had none.';
COMMENT ON COLUMN quality_daily.quarantined IS 'Rows of the day in quarantine.';
COMMENT ON COLUMN quality_daily.flagged IS 'Candles of the day with at least one flag.';
COMMENT ON COLUMN quality_daily.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN quality_daily.known_at IS 'When it could first be known.';
COMMENT ON COLUMN quality_daily.created_at IS 'When the row was made.';

CREATE TABLE IF NOT EXISTS fetch_log (
    started_at timestamptz NOT NULL,
    fetch_id bigint GENERATED ALWAYS AS IDENTITY,
    instrument_id integer,
    venue text NOT NULL,
    dataset text NOT NULL,
    source text NOT NULL,
    url text NOT NULL,
    window_start timestamptz,
    window_end timestamptz,
    latency_ms double precision NOT NULL,
    http_status integer,
    weight double precision NOT NULL DEFAULT 0,
    used_weight double precision,
    rows integer NOT NULL DEFAULT 0,
    error_kind text,
    error text,
    checksum text,
    run_id text,
    PRIMARY KEY (started_at, fetch_id)
);
COMMENT ON TABLE fetch_log IS 'Every request to a venue: what was asked, how long it took, what it cost, what came.';
COMMENT ON COLUMN fetch_log.started_at IS 'When the request was sent.';
COMMENT ON COLUMN fetch_log.fetch_id IS 'Key within the time.';
COMMENT ON COLUMN fetch_log.instrument_id IS 'Instrument asked for; null for market lists.';
COMMENT ON COLUMN fetch_log.venue IS 'Venue asked.';
COMMENT ON COLUMN fetch_log.dataset IS 'Table it was for.';
COMMENT ON COLUMN fetch_log.source IS 'archive, rest, mirror or yahoo.';
COMMENT ON COLUMN fetch_log.url IS 'Host and path, without the query.';
COMMENT ON COLUMN fetch_log.window_start IS 'Start of the window asked for.';
COMMENT ON COLUMN fetch_log.window_end IS 'End of the window asked for.';
COMMENT ON COLUMN fetch_log.latency_ms IS 'Time until the whole answer was there, in milliseconds.';
COMMENT ON COLUMN fetch_log.http_status IS 'HTTP status; null when there was no answer.';
COMMENT ON COLUMN fetch_log.weight IS 'Request weight the call costs, in the venue''s unit.';
COMMENT ON COLUMN fetch_log.used_weight IS 'Weight used so far in the venue''s window, as the venue says.';
COMMENT ON COLUMN fetch_log.rows IS 'Rows in the answer.';
COMMENT ON COLUMN fetch_log.error_kind IS 'Kind of failure, if it failed.';
COMMENT ON COLUMN fetch_log.error IS 'What the failure said.';
COMMENT ON COLUMN fetch_log.checksum IS 'SHA-256 of an archive file.';
COMMENT ON COLUMN fetch_log.run_id IS 'Dagster run that asked.';

DO $hypertables$
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        PERFORM create_hypertable('ohlcv_1m', by_range('ts', INTERVAL '7 days'), if_not_exists => true);
        PERFORM create_hypertable('ohlcv_native', by_range('ts', INTERVAL '90 days'), if_not_exists => true);
        PERFORM create_hypertable('fetch_log', by_range('started_at', INTERVAL '7 days'), if_not_exists => true);
        ALTER TABLE ohlcv_1m SET (
            timescaledb.enable_columnstore,
            timescaledb.segmentby = 'instrument_id',
            timescaledb.orderby = 'ts'
        );
        CALL add_columnstore_policy('ohlcv_1m', after => INTERVAL '30 days', if_not_exists => true);
        PERFORM add_retention_policy('fetch_log', INTERVAL '90 days', if_not_exists => true);
    END IF;
END $hypertables$;
