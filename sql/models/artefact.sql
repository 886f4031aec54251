-- The numbers of a model.
SELECT artefact FROM probability_models WHERE model_version = %(model_version)s
