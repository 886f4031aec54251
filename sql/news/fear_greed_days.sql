-- Days of [$1, $2) that have a value.
SELECT ts FROM fear_greed WHERE ts >= $1 AND ts < $2
