-- Closes of the days that were over, and a day more than the window needs for the first return.
SELECT c.instrument_id, (c.ts AT TIME ZONE 'UTC')::date AS day, c.close
FROM ohlcv_1d AS c
WHERE c.instrument_id = ANY($1) AND c.ts >= $2 AND c.ts < $3 AND c.close > 0
ORDER BY c.instrument_id, c.ts
