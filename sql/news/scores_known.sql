-- What a model ($1) in a version ($2) said of texts ($3) in their own words.
SELECT text_id, score, confidence, negative, neutral, positive FROM text_scores
WHERE model = $1 AND model_version = $2 AND text_id = ANY($3) AND score IS NOT NULL AND note IS NULL
