-- Whether any text was seen in a window ($1 to $2).
SELECT EXISTS (SELECT FROM texts AS t WHERE t.ts >= $1 AND t.ts < $2) AS there
