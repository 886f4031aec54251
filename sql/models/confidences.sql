-- Confidences of confirmed, directed events of an instrument ($1), timeframe ($2), version ($3) and configuration ($4) at
-- the bars that open in a window ($5 to $6).
SELECT known_at, family, pattern, direction, stage, nullif(reference, '') AS reference, confidence, reliability, boosted,
    coverage, volume, trend, context, history, convergence, volume_coverage, trend_coverage, context_coverage,
    history_coverage, convergence_coverage, history_as_of
FROM pattern_confidence_all_versions
WHERE instrument_id = $1 AND timeframe_id = $2 AND logic_version = $3 AND configuration_version = $4 AND ts >= $5
    AND ts < $6 AND stage = 'complete' AND direction <> 'neutral'
