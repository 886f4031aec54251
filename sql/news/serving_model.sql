-- The version of a model that serves: the one that was activated last.
SELECT model_version, data_hash, origin, texts, artefact, artefact_hash, activated_at
FROM sentiment_models WHERE model = %(model)s
ORDER BY activated_at DESC, created_at DESC
LIMIT 1
