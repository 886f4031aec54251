-- Imports are of other data sets than candles too: of which one, what they wrote of whom, and what was there before.

ALTER TABLE imports ADD COLUMN IF NOT EXISTS dataset text NOT NULL DEFAULT 'ohlcv';
COMMENT ON COLUMN imports.dataset IS 'Data set that was imported: ohlcv (candles), funding_rates or open_interest.';
COMMENT ON COLUMN imports.timeframe IS 'Length of the bars of candles; empty for other data sets.';
COMMENT ON COLUMN imports.symbol IS 'Unified symbol they were imported for; empty where the files named the symbols themselves.';

CREATE TABLE IF NOT EXISTS import_futures_chunks (
    import_id integer NOT NULL REFERENCES imports (import_id),
    instrument_id integer NOT NULL,
    received_at timestamptz NOT NULL,
    first_ts timestamptz NOT NULL,
    last_ts timestamptz NOT NULL,
    inserted bigint NOT NULL,
    changed bigint NOT NULL,
    PRIMARY KEY (import_id, instrument_id, received_at)
);
COMMENT ON TABLE import_futures_chunks IS 'What an import of funding rates or open interest wrote, transaction by transaction: rows with this received_at are its own.';
COMMENT ON COLUMN import_futures_chunks.import_id IS 'Import (imports), which tells the data set.';
COMMENT ON COLUMN import_futures_chunks.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN import_futures_chunks.received_at IS 'received_at of the rows written.';
COMMENT ON COLUMN import_futures_chunks.first_ts IS 'Time of the first row.';
COMMENT ON COLUMN import_futures_chunks.last_ts IS 'Time of the last row.';
COMMENT ON COLUMN import_futures_chunks.inserted IS 'Rows that were new.';
COMMENT ON COLUMN import_futures_chunks.changed IS 'Rows that replaced others.';

CREATE TABLE IF NOT EXISTS import_futures_replaced (
    import_id integer NOT NULL REFERENCES imports (import_id),
    instrument_id integer NOT NULL,
    ts timestamptz NOT NULL,
    was jsonb NOT NULL,
    PRIMARY KEY (import_id, instrument_id, ts)
);
COMMENT ON TABLE import_futures_replaced IS 'Rows of funding rates or open interest as they were before an import replaced them: its undoing puts them back.';
COMMENT ON COLUMN import_futures_replaced.import_id IS 'Import (imports), which tells the data set.';
COMMENT ON COLUMN import_futures_replaced.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN import_futures_replaced.ts IS 'Time of the row.';
COMMENT ON COLUMN import_futures_replaced.was IS 'The row as it was, column by column.';
