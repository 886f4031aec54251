-- What was said of coins in a window ($1 to $2) by model, of stories once; the coins that most is said of, at most $3 rows.
SELECT coin, model, count(*) AS stories, count(score) AS scored, avg(score) AS mean_score,
    count(*) FILTER (WHERE score < -0.05) AS negative, count(*) FILTER (WHERE score > 0.05) AS positive
FROM sentiment_data
WHERE ts >= $1 AND ts < $2 AND is_first
GROUP BY coin, model
ORDER BY stories DESC, coin, model
LIMIT $3
