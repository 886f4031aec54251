CREATE OR REPLACE VIEW sentiment_data AS
SELECT l.coin, s.ts, t.kind, t.provider, t.source, s.model, s.model_version, s.score, s.confidence, s.negative, s.neutral,
    s.positive, s.is_preferred, s.note, l.rule, l.confidence AS link_confidence, t.text_id, t.cluster_id, t.is_first,
    s.data_hash, s.known_at, s.created_at
FROM text_links AS l
JOIN texts AS t USING (text_id)
JOIN sentiment_scores AS s USING (text_id)
WHERE NOT EXISTS (
    SELECT FROM text_links AS n
    WHERE n.text_id = l.text_id AND n.logic_version > l.logic_version
);
COMMENT ON VIEW sentiment_data IS 'What is said of each coin: one row for each text, coin it is about, and model. Texts that were deleted are not in it.';
COMMENT ON COLUMN sentiment_data.coin IS 'Currency as in instruments.base, such as BTC; join instruments on it for symbols.';
COMMENT ON COLUMN sentiment_data.ts IS 'When the text was first seen here.';
COMMENT ON COLUMN sentiment_data.kind IS 'news or social.';
COMMENT ON COLUMN sentiment_data.provider IS 'How the text came: rss, gdelt, newsapi, reddit, x.';
COMMENT ON COLUMN sentiment_data.source IS 'Who published it: the outlet''s domain, the subreddit, the search.';
COMMENT ON COLUMN sentiment_data.model IS 'lexicon, linear, or one that settings name.';
COMMENT ON COLUMN sentiment_data.model_version IS 'Its version (sentiment_models).';
COMMENT ON COLUMN sentiment_data.score IS '-1 (bad) to 1 (good); null where the model cannot read the text, for the reason in note.';
COMMENT ON COLUMN sentiment_data.confidence IS 'How sure the model is, 0 to 1: how often it is right where it says so.';
COMMENT ON COLUMN sentiment_data.negative IS 'Probability that the text is negative; null where the model has none.';
COMMENT ON COLUMN sentiment_data.neutral IS 'Probability that it is neutral.';
COMMENT ON COLUMN sentiment_data.positive IS 'Probability that it is positive.';
COMMENT ON COLUMN sentiment_data.is_preferred IS 'Whether it is the one score to take of the text: that of the model with the highest rank which has one.';
COMMENT ON COLUMN sentiment_data.note IS 'Why there is no score, or what was done first (translated).';
COMMENT ON COLUMN sentiment_data.rule IS 'By which rule the text is about the coin.';
COMMENT ON COLUMN sentiment_data.link_confidence IS 'Precision of that rule, 0 to 1.';
COMMENT ON COLUMN sentiment_data.text_id IS 'The text (texts).';
COMMENT ON COLUMN sentiment_data.cluster_id IS 'The story; copies share it.';
COMMENT ON COLUMN sentiment_data.is_first IS 'Whether the text is the first of its story: counting only these counts a story once.';
COMMENT ON COLUMN sentiment_data.data_hash IS 'SHA-256 of what the model was made of.';
COMMENT ON COLUMN sentiment_data.known_at IS 'When the text was known.';
COMMENT ON COLUMN sentiment_data.created_at IS 'When it was scored.';
