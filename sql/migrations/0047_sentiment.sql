-- Models that score texts, and which texts were read by which rules and models.

CREATE TABLE IF NOT EXISTS sentiment_models (
    model text NOT NULL,
    model_version text NOT NULL,
    data_hash text NOT NULL,
    origin text NOT NULL CHECK (origin IN ('built_in', 'own', 'plugin')),
    rank smallint NOT NULL,
    texts integer NOT NULL,
    artefact bytea,
    artefact_hash text,
    card jsonb NOT NULL DEFAULT '{}'::jsonb,
    activated_at timestamptz DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (model, model_version),
    CHECK ((artefact IS NULL) = (artefact_hash IS NULL))
);
COMMENT ON TABLE sentiment_models IS 'Models that score texts, by version: what each was made of, and how well it did on texts it had not seen.';
COMMENT ON COLUMN sentiment_models.model IS 'lexicon, linear, minilm, or the name of one''s own.';
COMMENT ON COLUMN sentiment_models.model_version IS 'Its version: of its rules, and the beginning of the hash of all it was made of.';
COMMENT ON COLUMN sentiment_models.data_hash IS 'SHA-256 of what it was made of: lexicon or training texts.';
COMMENT ON COLUMN sentiment_models.origin IS 'built_in: of the platform''s own texts; own: trained on a user''s; plugin: named in the settings.';
COMMENT ON COLUMN sentiment_models.rank IS 'Which score of a text is preferred: that of the model with the highest rank that has one.';
COMMENT ON COLUMN sentiment_models.texts IS 'Labelled texts that it was trained on; 0 where it was not.';
COMMENT ON COLUMN sentiment_models.artefact IS 'The trained numbers as plain arrays; null where the model is code alone.';
COMMENT ON COLUMN sentiment_models.artefact_hash IS 'SHA-256 of artefact: what does not match it is not loaded.';
COMMENT ON COLUMN sentiment_models.card IS 'Model card: figures of the evaluation by name (docs/news.md).';
COMMENT ON COLUMN sentiment_models.activated_at IS 'Since when it serves; of a model''s versions the one that was activated last does. Null: it never did.';
COMMENT ON COLUMN sentiment_models.created_at IS 'When it was first made.';

CREATE TABLE IF NOT EXISTS texts_read (
    text_id bigint PRIMARY KEY,
    ts timestamptz NOT NULL,
    reading text NOT NULL,
    read_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE texts_read IS 'Which texts were linked and scored, and by what: also those that are about no coin.';
COMMENT ON COLUMN texts_read.text_id IS 'The text (news_events, social_posts).';
COMMENT ON COLUMN texts_read.ts IS 'When the text was first seen.';
COMMENT ON COLUMN texts_read.reading IS 'Versions of the rules and models it was read with, and the hash of the coins that were known: when they change, it is read again.';
COMMENT ON COLUMN texts_read.read_at IS 'When it was read last with another outcome of these.';
CREATE INDEX IF NOT EXISTS texts_read_by_time ON texts_read (ts);
