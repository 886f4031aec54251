-- The models of these features, in the order in which they are preferred, the last one most.
SELECT model_version, artefact_hash
FROM probability_models
WHERE features_digest = %(features_digest)s
ORDER BY trained_until, created_at, model_version
