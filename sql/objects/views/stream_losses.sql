CREATE OR REPLACE VIEW stream_losses AS
SELECT i.venue, i.symbol, g.dataset, g.gap_start, g.gap_end, g.rows, g.reason, g.run_id, g.created_at, g.instrument_id
FROM stream_gaps AS g
LEFT JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW stream_losses IS 'Rows that streams made and could not store: which, how many, and why. What books missed is in book_gaps.';
COMMENT ON COLUMN stream_losses.venue IS 'Venue; null for an instrument that is not known.';
COMMENT ON COLUMN stream_losses.symbol IS 'Unified symbol; null for an instrument that is not known.';
COMMENT ON COLUMN stream_losses.dataset IS 'Table they were meant for.';
COMMENT ON COLUMN stream_losses.gap_start IS 'Time (ts) of the first row lost.';
COMMENT ON COLUMN stream_losses.gap_end IS 'Time (ts) of the last row lost.';
COMMENT ON COLUMN stream_losses.rows IS 'How many.';
COMMENT ON COLUMN stream_losses.reason IS 'Why, such as: the database was away and memory full.';
COMMENT ON COLUMN stream_losses.run_id IS 'Run that lost them (stream_workers).';
COMMENT ON COLUMN stream_losses.created_at IS 'When the row was made.';
COMMENT ON COLUMN stream_losses.instrument_id IS 'Key of the instrument, for joins.';
