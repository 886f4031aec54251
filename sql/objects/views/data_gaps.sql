CREATE OR REPLACE VIEW data_gaps AS
SELECT g.dataset, i.venue, i.symbol, g.gap_start, g.gap_end, g.gap_end - g.gap_start AS length,
    g.state, g.detected_at, g.repaired_at, g.repaired_from, g.verified_at, g.verifications, g.reason, g.attempts,
    g.next_attempt_at, g.instrument_id
FROM gap_ledger AS g
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW data_gaps IS 'Every stretch that is or was missing of any data set of an instrument, and what became of it; of candles, candle_gaps tells it in minutes.';
COMMENT ON COLUMN data_gaps.dataset IS 'Data set that misses rows.';
COMMENT ON COLUMN data_gaps.venue IS 'Venue.';
COMMENT ON COLUMN data_gaps.symbol IS 'Unified symbol.';
COMMENT ON COLUMN data_gaps.gap_start IS 'First missing time.';
COMMENT ON COLUMN data_gaps.gap_end IS 'First time after the gap.';
COMMENT ON COLUMN data_gaps.length IS 'gap_end - gap_start.';
COMMENT ON COLUMN data_gaps.state IS 'detected, repaired or venue_had_none.';
COMMENT ON COLUMN data_gaps.detected_at IS 'When it was first seen to be missing.';
COMMENT ON COLUMN data_gaps.repaired_at IS 'When its rows came.';
COMMENT ON COLUMN data_gaps.repaired_from IS 'Source the rows came from.';
COMMENT ON COLUMN data_gaps.verified_at IS 'When it was established that the venue had none.';
COMMENT ON COLUMN data_gaps.verifications IS 'Sources that answered without these rows, and when.';
COMMENT ON COLUMN data_gaps.reason IS 'Why it is missing, as far as known.';
COMMENT ON COLUMN data_gaps.attempts IS 'Repairs tried.';
COMMENT ON COLUMN data_gaps.next_attempt_at IS 'When the next repair is due.';
COMMENT ON COLUMN data_gaps.instrument_id IS 'Key of the instrument, for joins.';
