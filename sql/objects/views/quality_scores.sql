CREATE OR REPLACE VIEW quality_scores AS
SELECT i.venue, i.symbol, q.day, q.score, q.completeness, q.explained, q.validity, q.consistency, q.timeliness,
    q.agreement, q.coverage_of_score, q.expected, q.present, q.venue_had_none, q.quarantined, q.flagged,
    q.logic_version, q.known_at, q.created_at, q.instrument_id
FROM quality_daily AS q
JOIN instruments AS i USING (instrument_id)
WHERE NOT EXISTS (
    SELECT FROM quality_daily AS newer
    WHERE newer.instrument_id = q.instrument_id AND newer.day = q.day AND newer.logic_version > q.logic_version
);
COMMENT ON VIEW quality_scores IS 'How good the 1m candles of each instrument and day are: newest logic version (all are in quality_daily).';
COMMENT ON COLUMN quality_scores.venue IS 'Venue.';
COMMENT ON COLUMN quality_scores.symbol IS 'Unified symbol.';
COMMENT ON COLUMN quality_scores.day IS 'UTC day.';
COMMENT ON COLUMN quality_scores.score IS 'Weighted mean of the parts, 0 to 100.';
COMMENT ON COLUMN quality_scores.completeness IS 'Present minutes / expected minutes, 0 to 1.';
COMMENT ON COLUMN quality_scores.explained IS '(Present minutes + minutes the venue verifiably had none) / expected minutes, 0 to 1.';
COMMENT ON COLUMN quality_scores.validity IS 'Share of the rows received that broke no hard rule, 0 to 1.';
COMMENT ON COLUMN quality_scores.consistency IS '1 - weighted share of flagged candles, 0 to 1.';
COMMENT ON COLUMN quality_scores.timeliness IS 'Share of live candles received within 90 s of their close; null when nothing came live.';
COMMENT ON COLUMN quality_scores.agreement IS '1 - share of candles that deviate from the same pair elsewhere; null without a second venue.';
COMMENT ON COLUMN quality_scores.coverage_of_score IS 'Share of the weights whose parts were there, 0 to 1.';
COMMENT ON COLUMN quality_scores.expected IS 'Minutes of the day that should have been there.';
COMMENT ON COLUMN quality_scores.present IS 'Minutes that were there.';
COMMENT ON COLUMN quality_scores.venue_had_none IS 'Minutes the venue verifiably had none.';
COMMENT ON COLUMN quality_scores.quarantined IS 'Rows of the day in quarantine.';
COMMENT ON COLUMN quality_scores.flagged IS 'Candles of the day with at least one flag.';
COMMENT ON COLUMN quality_scores.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN quality_scores.known_at IS 'When it could first be known.';
COMMENT ON COLUMN quality_scores.created_at IS 'When the row was made.';
COMMENT ON COLUMN quality_scores.instrument_id IS 'Key of the instrument, for joins.';
