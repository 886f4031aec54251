-- A model with its numbers and card. One that is there already gets the numbers anew (they are the same, unless they
-- were spoiled) and keeps its card where there is no other; with activate it serves from now on.
INSERT INTO sentiment_models (
    model, model_version, data_hash, origin, rank, texts, artefact, artefact_hash, card, activated_at
)
VALUES (
    %(model)s, %(model_version)s, %(data_hash)s, %(origin)s, %(rank)s, %(texts)s, %(artefact)s, %(artefact_hash)s,
    %(card)s, CASE WHEN %(activate)s THEN clock_timestamp() END
)
ON CONFLICT (model, model_version) DO UPDATE SET
    origin = excluded.origin, rank = excluded.rank,
    artefact = excluded.artefact, artefact_hash = excluded.artefact_hash,
    card = CASE WHEN excluded.card = '{}'::jsonb THEN sentiment_models.card ELSE excluded.card END,
    activated_at = CASE WHEN %(activate)s THEN clock_timestamp() ELSE sentiment_models.activated_at END
