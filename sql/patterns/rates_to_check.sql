-- Rates (pattern_success_rates stands for their table) as of moments after $1 and up to $2; at most $3.
SELECT * FROM pattern_success_rates WHERE ts > $1 AND ts <= $2 LIMIT $3
