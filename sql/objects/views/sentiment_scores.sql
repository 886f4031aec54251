CREATE OR REPLACE VIEW sentiment_scores AS
SELECT s.text_id, s.ts, s.model, s.model_version, s.score, s.confidence, s.negative, s.neutral, s.positive, s.note,
    s.score IS NOT NULL AND NOT EXISTS (
        SELECT FROM text_scores AS b
        LEFT JOIN sentiment_models AS bm USING (model, model_version)
        WHERE b.text_id = s.text_id AND b.model <> s.model AND b.score IS NOT NULL
            AND (coalesce(bm.rank, 0), b.model) > (coalesce(m.rank, 0), s.model)
    ) AS is_preferred,
    s.data_hash, s.known_at, s.created_at
FROM text_scores AS s
LEFT JOIN sentiment_models AS m USING (model, model_version)
WHERE NOT EXISTS (
    SELECT FROM text_scores AS n
    LEFT JOIN sentiment_models AS nm USING (model, model_version)
    WHERE n.text_id = s.text_id AND n.model = s.model AND n.model_version <> s.model_version
        AND (coalesce(nm.activated_at, '-infinity'), n.model_version)
        > (coalesce(m.activated_at, '-infinity'), s.model_version)
);
COMMENT ON VIEW sentiment_scores IS 'What each text says, good or bad, by each model in the version that was activated last of those that scored it.';
COMMENT ON COLUMN sentiment_scores.text_id IS 'The text (texts).';
COMMENT ON COLUMN sentiment_scores.ts IS 'When the text was first seen here.';
COMMENT ON COLUMN sentiment_scores.model IS 'lexicon, linear, or one that settings name.';
COMMENT ON COLUMN sentiment_scores.model_version IS 'Its version (sentiment_models).';
COMMENT ON COLUMN sentiment_scores.score IS '-1 (bad) to 1 (good); null where the model cannot read the text, for the reason in note.';
COMMENT ON COLUMN sentiment_scores.confidence IS 'How sure the model is, 0 to 1: how often it is right where it says so.';
COMMENT ON COLUMN sentiment_scores.negative IS 'Probability that the text is negative; null where the model has none.';
COMMENT ON COLUMN sentiment_scores.neutral IS 'Probability that it is neutral.';
COMMENT ON COLUMN sentiment_scores.positive IS 'Probability that it is positive.';
COMMENT ON COLUMN sentiment_scores.note IS 'Why there is no score, or what was done first (translated).';
COMMENT ON COLUMN sentiment_scores.is_preferred IS 'Whether it is the one score to take of the text: that of the model with the highest rank which has one.';
COMMENT ON COLUMN sentiment_scores.data_hash IS 'SHA-256 of what the model was made of.';
COMMENT ON COLUMN sentiment_scores.known_at IS 'When the text was known.';
COMMENT ON COLUMN sentiment_scores.created_at IS 'When it was scored: what is later than known_at was scored by a model that came later.';
