-- Bars of an instrument ($1) and timeframe, of one that has none but those of its minutes.
SELECT {columns}
FROM {relation}
WHERE instrument_id = $1 AND {condition}
ORDER BY {sequence}
