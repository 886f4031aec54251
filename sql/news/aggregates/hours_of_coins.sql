-- Sentiment of the main model by coin and hour ($1 to $2), of coins ($3): the level of 24 hours and the spike of the hour.
SELECT coin, ts, hours, model, model_version, score, zscore FROM sentiment_aggregates
WHERE ts >= $1 AND ts < $2 AND coin = ANY($3) AND is_main AND score IS NOT NULL
