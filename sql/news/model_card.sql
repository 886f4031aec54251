-- The card of a model.
SELECT card FROM sentiment_models WHERE model = %(model)s AND model_version = %(model_version)s
