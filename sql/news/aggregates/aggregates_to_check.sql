-- Rows of a window ($1 to $2) of a version of the rules ($3), without when they were made.
SELECT * FROM sentiment_aggregate_hours WHERE ts >= $1 AND ts < $2 AND logic_version = $3
