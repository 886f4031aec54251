CREATE OR REPLACE VIEW fetched_days AS
SELECT l.dataset, i.venue AS provider, i.symbol AS series, l.day, l.status, l.fetched_until, l.rows, l.quarantined,
    l.attempts, l.error_kind, l.error, l.batch, l.run_id, l.updated_at, i.tracked, l.instrument_id
FROM ingest_ledger AS l
JOIN instruments AS i USING (instrument_id)
UNION ALL
SELECT p.dataset, p.provider, p.series, p.day, p.status, p.fetched_until, p.rows, p.quarantined,
    p.attempts, p.error_kind, p.error, p.batch, p.run_id, p.updated_at, true, NULL
FROM provider_ledger AS p;
COMMENT ON VIEW fetched_days IS 'How far fetching has come, of every data set: instruments of venues and series of other providers, by UTC day.';
COMMENT ON COLUMN fetched_days.dataset IS 'Data set that was fetched.';
COMMENT ON COLUMN fetched_days.provider IS 'Venue or other provider asked.';
COMMENT ON COLUMN fetched_days.series IS 'Unified symbol of the instrument, or the provider''s own name of what it was asked for.';
COMMENT ON COLUMN fetched_days.day IS 'UTC day.';
COMMENT ON COLUMN fetched_days.status IS 'fetching: under way; partial: answered so far, the day is not over; complete: the whole day was answered; failed: see error.';
COMMENT ON COLUMN fetched_days.fetched_until IS 'End of the part of the day that sources have answered for, without a hole, from its start.';
COMMENT ON COLUMN fetched_days.rows IS 'Rows of the day that the last fetch brought.';
COMMENT ON COLUMN fetched_days.quarantined IS 'Rows of the day that the last fetch put into quarantine.';
COMMENT ON COLUMN fetched_days.attempts IS 'Fetches in a row that failed; 0 after a success.';
COMMENT ON COLUMN fetched_days.error_kind IS 'Kind of the last failure.';
COMMENT ON COLUMN fetched_days.error IS 'What the last failure said.';
COMMENT ON COLUMN fetched_days.batch IS 'Backfill or first run that the last fetch belongs to.';
COMMENT ON COLUMN fetched_days.run_id IS 'Dagster run of the last fetch.';
COMMENT ON COLUMN fetched_days.updated_at IS 'When fetching last touched the day.';
COMMENT ON COLUMN fetched_days.tracked IS 'Whether the pipeline keeps it up to date; true of what has no instrument.';
COMMENT ON COLUMN fetched_days.instrument_id IS 'Key of the instrument, for joins; null where there is none.';
