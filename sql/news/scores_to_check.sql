-- What would be wrong with the scores of a window ($1 to $2), by model: how many rows of each kind.
SELECT s.model, s.model_version, count(*) AS scores,
    count(*) FILTER (WHERE abs(s.negative + s.neutral + s.positive - 1) > 1e-6) AS not_one,
    count(*) FILTER (WHERE m.model IS NULL) AS without_model,
    count(*) FILTER (WHERE s.score IS NULL AND s.note IS NULL) AS without_reason,
    count(*) FILTER (WHERE (s.score IS NULL) <> (s.confidence IS NULL)) AS half_a_verdict
FROM text_scores AS s
LEFT JOIN sentiment_models AS m USING (model, model_version)
WHERE s.ts >= $1 AND s.ts < $2
GROUP BY s.model, s.model_version
ORDER BY s.model, s.model_version
