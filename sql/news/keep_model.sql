-- A model and its card; one that is there already keeps its numbers and when it was first made.
INSERT INTO sentiment_models (
    model, model_version, data_hash, origin, rank, texts, artefact, artefact_hash, card
)
VALUES (
    %(model)s, %(model_version)s, %(data_hash)s, %(origin)s, %(rank)s, %(texts)s, %(artefact)s, %(artefact_hash)s,
    %(card)s
)
ON CONFLICT (model, model_version) DO UPDATE SET
    card = CASE WHEN excluded.card = '{}'::jsonb THEN sentiment_models.card ELSE excluded.card END,
    activated_at = CASE WHEN %(activate)s THEN now() ELSE sentiment_models.activated_at END
