-- Extremes and closes of the bars of an instrument ($1) and timeframe ($2) that open in a window ($3 to $4).
SELECT ts, high, low, close
FROM bars
WHERE instrument_id = $1 AND timeframe_id = $2 AND ts >= $3 AND ts < $4
ORDER BY ts
