-- Outcomes of instruments ($1), a timeframe ($2) and a version ($3) after patterns from $4 on that were known by $5.
SELECT *
FROM pattern_outcome_events
WHERE instrument_id = ANY ($1) AND timeframe_id = $2 AND logic_version = $3 AND ts >= $4 AND ts < $5 AND known_at <= $5
