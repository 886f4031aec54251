-- The numbers of a model.
SELECT artefact FROM sentiment_models WHERE model = %(model)s AND model_version = %(model_version)s
