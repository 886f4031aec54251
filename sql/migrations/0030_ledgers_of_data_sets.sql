-- Ledger and gaps say of which data set they are. Rows and statements of before stay true: they are of ohlcv_1m.
-- A constant default rewrites no table, and the tables that get a new key are small: a row an instrument and day.
ALTER TABLE ingest_ledger ADD COLUMN IF NOT EXISTS dataset text NOT NULL DEFAULT 'ohlcv_1m';
ALTER TABLE ingest_ledger DROP CONSTRAINT IF EXISTS ingest_ledger_pkey,
    ADD CONSTRAINT ingest_ledger_pkey PRIMARY KEY (instrument_id, dataset, day);
COMMENT ON TABLE ingest_ledger IS 'How far the fetching of each instrument, data set and day has come. Written in the same transaction as the rows. What has no instrument is in provider_ledger.';
COMMENT ON COLUMN ingest_ledger.dataset IS 'Data set that was fetched: the table of its rows.';
COMMENT ON COLUMN ingest_ledger.rows IS 'Rows of the day that the last fetch brought.';

ALTER TABLE gap_ledger ADD COLUMN IF NOT EXISTS dataset text NOT NULL DEFAULT 'ohlcv_1m';
ALTER TABLE gap_ledger DROP CONSTRAINT IF EXISTS gap_ledger_pkey,
    ADD CONSTRAINT gap_ledger_pkey PRIMARY KEY (instrument_id, dataset, gap_start);
COMMENT ON TABLE gap_ledger IS 'Every stretch of a data set''s times that is or was missing of an instrument, and what became of it.';
COMMENT ON COLUMN gap_ledger.dataset IS 'Data set that misses rows: their table.';
COMMENT ON COLUMN gap_ledger.gap_start IS 'First missing time: of ohlcv_1m the open time of a minute.';
COMMENT ON COLUMN gap_ledger.gap_end IS 'First time after the gap.';
COMMENT ON COLUMN gap_ledger.state IS 'detected: open; repaired: rows came later; venue_had_none: sources were asked twice and have nothing.';
COMMENT ON COLUMN gap_ledger.repaired_at IS 'When its rows came.';
COMMENT ON COLUMN gap_ledger.repaired_from IS 'Source the rows came from.';
COMMENT ON COLUMN gap_ledger.verifications IS 'Sources that answered without these rows: [{"source": ..., "at": ...}].';

-- A series of a provider has no instrument: no venue trades the market's total or a trader report, a coin's market
-- cap is of all its markets at once, and nothing lists or delists it. An instrument made up for it would be tracked,
-- asked for candles and counted in coverage; a key with a null in it is no primary key. So it has a ledger of its own,
-- in which the provider is part of the key: two providers of one data set are never one row.
CREATE TABLE IF NOT EXISTS provider_ledger (
    provider text NOT NULL,
    dataset text NOT NULL,
    series text NOT NULL,
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
    PRIMARY KEY (provider, dataset, series, day)
);
COMMENT ON TABLE provider_ledger IS 'How far the fetching of what has no instrument has come: each provider, data set, series and day. Written in the same transaction as the rows.';
COMMENT ON COLUMN provider_ledger.provider IS 'Who was asked: coingecko, cftc ...';
COMMENT ON COLUMN provider_ledger.dataset IS 'Data set that was fetched: the table of its rows.';
COMMENT ON COLUMN provider_ledger.series IS 'Which of the provider''s series, by its own name: a coin, a contract; market where there is one for all.';
COMMENT ON COLUMN provider_ledger.day IS 'UTC day.';
COMMENT ON COLUMN provider_ledger.status IS 'fetching: under way; partial: answered so far, the day is not over; complete: the whole day was answered; failed: see error.';
COMMENT ON COLUMN provider_ledger.fetched_until IS 'End of the part of the day that the provider has answered for, without a hole, from its start.';
COMMENT ON COLUMN provider_ledger.rows IS 'Rows of the day that the last fetch brought.';
COMMENT ON COLUMN provider_ledger.quarantined IS 'Rows of the day that the last fetch put into quarantine.';
COMMENT ON COLUMN provider_ledger.attempts IS 'Fetches in a row that failed; 0 after a success.';
COMMENT ON COLUMN provider_ledger.error_kind IS 'Kind of the last failure (banned, geo_blocked, venue_down, timeout, bad_symbol, bad_body ...).';
COMMENT ON COLUMN provider_ledger.error IS 'What the last failure said.';
COMMENT ON COLUMN provider_ledger.batch IS 'Backfill or first run that the last fetch belongs to; a retry of it goes on where it stopped.';
COMMENT ON COLUMN provider_ledger.run_id IS 'Dagster run of the last fetch.';
COMMENT ON COLUMN provider_ledger.updated_at IS 'When this row last changed.';
CREATE INDEX IF NOT EXISTS provider_ledger_open ON provider_ledger (status, updated_at) WHERE status <> 'complete';

ALTER TABLE quarantine ADD COLUMN IF NOT EXISTS provider text;
ALTER TABLE quarantine ADD COLUMN IF NOT EXISTS series text;
COMMENT ON COLUMN quarantine.provider IS 'Provider it came from, where it is of no instrument.';
COMMENT ON COLUMN quarantine.series IS 'The provider''s series, where it is of no instrument.';
DROP INDEX IF EXISTS quarantine_row;
CREATE UNIQUE INDEX IF NOT EXISTS quarantine_row ON quarantine (
    dataset, coalesce(instrument_id, 0), coalesce(provider, ''), coalesce(series, ''), coalesce(ts, '-infinity'), digest);

COMMENT ON TABLE fetch_log IS 'Every request to a venue or another provider: what was asked, how long it took, what it cost, what came.';
COMMENT ON COLUMN fetch_log.instrument_id IS 'Instrument asked for; null for market lists and for what has no instrument.';
COMMENT ON COLUMN fetch_log.venue IS 'Venue or other provider asked.';
COMMENT ON COLUMN fetch_log.source IS 'archive, rest, mirror or yahoo; of other providers, what they call it.';
COMMENT ON COLUMN fetch_log.weight IS 'Request weight the call costs, in the unit of the venue or provider.';
COMMENT ON COLUMN fetch_log.used_weight IS 'Weight used so far in the venue''s or provider''s window, as it says.';
