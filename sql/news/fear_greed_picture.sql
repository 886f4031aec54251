-- The index by day in [$1, $2).
SELECT ts, value FROM fear_greed WHERE ts >= $1 AND ts < $2 AND provider = 'alternative_me' ORDER BY ts
