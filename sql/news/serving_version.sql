-- Which version of a model serves, without its numbers.
SELECT model_version, origin FROM sentiment_models WHERE model = %(model)s AND activated_at IS NOT NULL
ORDER BY activated_at DESC, created_at DESC
LIMIT 1
