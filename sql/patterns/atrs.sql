-- ATR of an instrument ($1), timeframe ($2) and version ($3) at the bars that open in a window ($4 to $5).
SELECT ts, atr_14
FROM indicator_values
WHERE instrument_id = $1 AND timeframe_id = $2 AND logic_version = $3 AND ts >= $4 AND ts < $5
