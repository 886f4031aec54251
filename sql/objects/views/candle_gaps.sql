CREATE OR REPLACE VIEW candle_gaps AS
SELECT i.venue, i.symbol, g.gap_start, g.gap_end,
    (extract(epoch FROM g.gap_end - g.gap_start) / 60)::integer AS minutes,
    g.state, g.detected_at, g.repaired_at, g.repaired_from, g.verified_at, g.verifications, g.reason, g.attempts,
    g.next_attempt_at, g.instrument_id
FROM gap_ledger AS g
JOIN instruments AS i USING (instrument_id)
WHERE g.dataset = 'ohlcv_1m';
COMMENT ON VIEW candle_gaps IS 'Every stretch of 1m candles that is or was missing, and what became of it.';
COMMENT ON COLUMN candle_gaps.venue IS 'Venue.';
COMMENT ON COLUMN candle_gaps.symbol IS 'Unified symbol.';
COMMENT ON COLUMN candle_gaps.gap_start IS 'Open time of the first missing minute.';
COMMENT ON COLUMN candle_gaps.gap_end IS 'Open time of the first minute after the gap.';
COMMENT ON COLUMN candle_gaps.minutes IS 'Length in minutes.';
COMMENT ON COLUMN candle_gaps.state IS 'detected, repaired or venue_had_none.';
COMMENT ON COLUMN candle_gaps.detected_at IS 'When it was first seen to be missing.';
COMMENT ON COLUMN candle_gaps.repaired_at IS 'When its candles came.';
COMMENT ON COLUMN candle_gaps.repaired_from IS 'Source the candles came from.';
COMMENT ON COLUMN candle_gaps.verified_at IS 'When it was established that the venue had none.';
COMMENT ON COLUMN candle_gaps.verifications IS 'Sources that answered without these minutes, and when.';
COMMENT ON COLUMN candle_gaps.reason IS 'Why it is missing, as far as known.';
COMMENT ON COLUMN candle_gaps.attempts IS 'Repairs tried.';
COMMENT ON COLUMN candle_gaps.next_attempt_at IS 'When the next repair is due.';
COMMENT ON COLUMN candle_gaps.instrument_id IS 'Key of the instrument, for joins.';
