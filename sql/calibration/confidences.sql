-- Scores of confirmed patterns with a direction: of instruments ($1) and a timeframe ($2), by rules ($3) and a
-- configuration ($4), at bars from $5 on, as far as they were known at $6.
SELECT instrument_id, ts, family, pattern, direction, confidence, level, reliability, reliability_level, boosted,
    boosted_level
FROM pattern_confidence
WHERE instrument_id = ANY ($1) AND timeframe_id = $2 AND logic_version = $3 AND configuration_version = $4
    AND ts >= $5 AND ts < $6 AND known_at <= $6 AND stage = 'complete' AND direction <> 'neutral'
