-- Closed bars as they were known then.
SELECT *
FROM candles_as_of({instruments}::integer[], {timeframe}::text, {as_of}, {since}, {before}, {count}, {oldest_first})
