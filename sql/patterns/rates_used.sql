-- Success rates of a timeframe ($1), version ($2) and configuration ($3) as of moments from $4 to before $5: what scores take.
SELECT ts, family, pattern, direction, regime, excess
FROM pattern_success_rates
WHERE timeframe_id = $1 AND logic_version = $2 AND configuration_version = $3 AND ts >= $4 AND ts < $5
