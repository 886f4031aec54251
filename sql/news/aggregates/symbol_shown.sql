-- Price and sentiment of an instrument ($1) in a window ($2 to $3).
SELECT ts, close, score, hour_score, hour_zscore FROM sentiment_with_price
WHERE instrument_id = $1 AND ts >= $2 AND ts < $3
ORDER BY ts
