-- Closed bars by the key of their table.
SELECT * FROM candles_of({instruments}::integer[], {timeframe}, {since}, {before}, {count}, {oldest_first})
