-- All versions of models: what each was made of, how it did on its own cross-validation, which of them serve.
SELECT model, model_version, origin, texts, activated_at, data_hash,
    coalesce(activated_at = max(activated_at) OVER (PARTITION BY model), false) AS serves,
    (SELECT (f ->> 'macro_f1')::float8 FROM jsonb_array_elements(card -> 'figures') AS f WHERE f ->> 'name' = model)
        AS macro_f1
FROM sentiment_models
ORDER BY model, activated_at DESC NULLS LAST
