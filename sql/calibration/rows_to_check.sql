-- Calibration as of moments after $1 and up to $2; at most $3.
SELECT * FROM score_calibration_stats WHERE ts > $1 AND ts <= $2 LIMIT $3
