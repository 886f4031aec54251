-- Open interest of an instrument ($1) from $2 to $3.
SELECT ts, source, contracts, base_amount, quote_value
FROM open_interest_readings
WHERE instrument_id = $1 AND ts >= $2 AND ts <= $3
ORDER BY ts
