-- Hours of instruments ($1) that open in a window ($2 to $3).
SELECT instrument_id, ts, high, low, close FROM ohlcv_1h WHERE instrument_id = ANY($1) AND ts >= $2 AND ts < $3
