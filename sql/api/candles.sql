-- Closed bars by the key of their table.
SELECT * FROM candles_of({instruments}::integer[], {timeframe}::text, {since}, {before}, {count}, {oldest_first})
