-- Candles that a source gave off the minute, and gaps that a page cut short may have explained away.

COMMENT ON COLUMN candle_flags.flag IS 'jump, stale, zero_volume, volume_outlier, wick, cross_venue, or off_grid: the source gave the candle past its minute.';
COMMENT ON COLUMN candle_flags.score IS 'How odd, in the unit of the rule (robust z, bars, basis points; off_grid: seconds past the minute).';
COMMENT ON COLUMN candle_remarks.flag IS 'jump, stale, zero_volume, volume_outlier, wick, cross_venue, or off_grid: the source gave the candle past its minute.';
COMMENT ON COLUMN candle_remarks.score IS 'How odd, in the unit of the rule (robust z, bars, basis points; off_grid: seconds past the minute).';

-- Until now an answer with fewer rows than were asked for passed for the venue's word on the whole window. Longer
-- gaps that only such answers explained are asked for once more; shorter ones are what quiet markets leave.
UPDATE gap_ledger
SET state = 'detected', verifications = '[]', verified_at = NULL, attempts = 0, next_attempt_at = now(),
    reason = 'asked for again: earlier answers may have been cut short'
WHERE state = 'venue_had_none' AND gap_end - gap_start >= INTERVAL '5 minutes'
    AND NOT verifications @> '[{"source": "archive"}]'
    AND reason IS DISTINCT FROM 'asked for again: earlier answers may have been cut short';
