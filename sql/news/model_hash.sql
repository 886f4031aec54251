-- What the numbers of a model have to have as their hash.
SELECT artefact_hash FROM sentiment_models WHERE model = %(model)s AND model_version = %(model_version)s
