CREATE OR REPLACE VIEW candle_remarks AS
SELECT i.venue, i.symbol, f.ts, f.flag, f.score, f.detail, f.logic_version, f.known_at, f.instrument_id
FROM candle_flags AS f
JOIN instruments AS i USING (instrument_id);
COMMENT ON VIEW candle_remarks IS 'Stored 1m candles that look odd, with the figures behind the remark.';
COMMENT ON COLUMN candle_remarks.venue IS 'Venue.';
COMMENT ON COLUMN candle_remarks.symbol IS 'Unified symbol.';
COMMENT ON COLUMN candle_remarks.ts IS 'Open time of the candle.';
COMMENT ON COLUMN candle_remarks.flag IS 'jump, stale, zero_volume, volume_outlier, wick, cross_venue, or off_grid: the source gave the candle past its minute.';
COMMENT ON COLUMN candle_remarks.score IS 'How odd, in the unit of the rule (robust z, bars, basis points; off_grid: seconds past the minute).';
COMMENT ON COLUMN candle_remarks.detail IS 'The figures behind it.';
COMMENT ON COLUMN candle_remarks.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN candle_remarks.known_at IS 'When it could first be known: the close of the candle.';
COMMENT ON COLUMN candle_remarks.instrument_id IS 'Key of the instrument, for joins.';
