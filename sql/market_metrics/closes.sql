-- Closes of bars that open in a window ($2 to $3), of instruments ($1). The braces are the bars' table.
SELECT instrument_id, ts, close FROM {bars} WHERE instrument_id = ANY($1) AND ts >= $2 AND ts < $3
