-- Settlements of an instrument ($1) from $2 to $3.
SELECT ts, source, rate, mark_price, interval_hours
FROM funding_settlements
WHERE instrument_id = $1 AND ts >= $2 AND ts <= $3
ORDER BY ts
