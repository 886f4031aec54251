-- A model with its numbers and card. The same data give the same version: one that is there stays as it is, unless its
-- numbers were spoiled. Gives a row where it is a new one.
INSERT INTO probability_models (
    model_version, horizon, kind, trained_until, verdict, cost, features_digest, data_digest, artefact, artefact_hash, card,
    configuration_version
)
VALUES (
    %(model_version)s, %(horizon)s, %(kind)s, %(trained_until)s, %(verdict)s, %(cost)s, %(features_digest)s,
    %(data_digest)s, %(artefact)s, %(artefact_hash)s, %(card)s, %(configuration_version)s
)
ON CONFLICT (model_version) DO UPDATE SET artefact = excluded.artefact, artefact_hash = excluded.artefact_hash
WHERE probability_models.artefact_hash <> excluded.artefact_hash OR probability_models.artefact <> excluded.artefact
RETURNING model_version
