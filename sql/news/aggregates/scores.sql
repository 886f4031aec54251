-- What each model says of the texts of a window ($1 to $2).
SELECT text_id, model, model_version, score, confidence, negative, neutral, positive
FROM text_scores WHERE ts >= $1 AND ts < $2
