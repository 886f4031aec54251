-- Texts: news and posts, whom they are about, what they say; and alerts of them.

CREATE TABLE IF NOT EXISTS news_events (
    text_id bigint PRIMARY KEY,
    ts timestamptz NOT NULL,
    provider text NOT NULL,
    source text NOT NULL,
    url text NOT NULL,
    title text NOT NULL,
    description text,
    published timestamptz,
    published_note text,
    language text,
    language_confidence double precision,
    cluster_id bigint NOT NULL,
    similarity double precision,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE news_events IS 'News, one row for each article, whoever of the sources told it first.';
COMMENT ON COLUMN news_events.text_id IS 'Made of the canonical address (first 8 bytes of its BLAKE2b hash): the same article gets the same id from every source.';
COMMENT ON COLUMN news_events.ts IS 'When it was first seen here: the time of the event, whatever it says of itself.';
COMMENT ON COLUMN news_events.provider IS 'How it was first seen: rss, gdelt, newsapi.';
COMMENT ON COLUMN news_events.source IS 'Who published it: the domain of the outlet.';
COMMENT ON COLUMN news_events.url IS 'Canonical address: without what only counts clicks.';
COMMENT ON COLUMN news_events.title IS 'Headline, as plain text.';
COMMENT ON COLUMN news_events.description IS 'What the source adds to the headline, as plain text; null where it adds nothing.';
COMMENT ON COLUMN news_events.published IS 'When it was published, as the source says; null where it does not tell, or cannot be believed (published_note).';
COMMENT ON COLUMN news_events.published_note IS 'Why the time that was told is not believed, and what was told; null where it is.';
COMMENT ON COLUMN news_events.language IS 'Language as ISO 639-1; null where it could not be told.';
COMMENT ON COLUMN news_events.language_confidence IS 'How sure that is, 0 to 1; null where a short text was taken for English.';
COMMENT ON COLUMN news_events.cluster_id IS 'The story: text_id of the text of it that was seen first within 72 hours. Copies share it; a story counts once.';
COMMENT ON COLUMN news_events.similarity IS 'Jaccard similarity with the text of the story that it was found by, 0 to 1; null for the first.';
COMMENT ON COLUMN news_events.logic_version IS 'Version of the rules that made language and story.';
COMMENT ON COLUMN news_events.known_at IS 'When it was known here; the same as ts.';
COMMENT ON COLUMN news_events.created_at IS 'When the present values were made.';
CREATE INDEX IF NOT EXISTS news_events_by_time ON news_events (ts);
CREATE INDEX IF NOT EXISTS news_events_by_cluster ON news_events (cluster_id);

CREATE TABLE IF NOT EXISTS social_posts (
    text_id bigint PRIMARY KEY,
    ts timestamptz NOT NULL,
    provider text NOT NULL,
    source text NOT NULL,
    post_id text NOT NULL,
    url text,
    title text,
    body text,
    published timestamptz,
    published_note text,
    author_hash text,
    likes bigint,
    replies bigint,
    language text,
    language_confidence double precision,
    cluster_id bigint NOT NULL,
    similarity double precision,
    deleted_at timestamptz,
    forgotten_at timestamptz,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (provider, post_id)
);
COMMENT ON TABLE social_posts IS 'Posts of social networks. No author''s name is kept; what was deleted there is emptied here.';
COMMENT ON COLUMN social_posts.text_id IS 'Made of provider and post_id (first 8 bytes of their BLAKE2b hash).';
COMMENT ON COLUMN social_posts.ts IS 'When it was first seen here.';
COMMENT ON COLUMN social_posts.provider IS 'reddit, x.';
COMMENT ON COLUMN social_posts.source IS 'Where: the subreddit, or the search that found it.';
COMMENT ON COLUMN social_posts.post_id IS 'The provider''s own id.';
COMMENT ON COLUMN social_posts.url IS 'Address of the post; null once it was deleted.';
COMMENT ON COLUMN social_posts.title IS 'Title, where posts have one; null when it was deleted or its text is no longer kept.';
COMMENT ON COLUMN social_posts.body IS 'Text; null when it was deleted or is no longer kept.';
COMMENT ON COLUMN social_posts.published IS 'When it was written, as the provider says; null where that cannot be believed.';
COMMENT ON COLUMN social_posts.published_note IS 'Why the time that was told is not believed, and what was told; null where it is.';
COMMENT ON COLUMN social_posts.author_hash IS 'Keyed hash of the author''s name: tells authors apart and names nobody; the key stays on this machine. Null once it was deleted.';
COMMENT ON COLUMN social_posts.likes IS 'Votes or likes when it was last seen; null where it does not tell.';
COMMENT ON COLUMN social_posts.replies IS 'Answers when it was last seen.';
COMMENT ON COLUMN social_posts.language IS 'Language as ISO 639-1; null where it could not be told.';
COMMENT ON COLUMN social_posts.language_confidence IS 'How sure that is, 0 to 1; null where a short text was taken for English.';
COMMENT ON COLUMN social_posts.cluster_id IS 'The story: text_id of the text of it that was seen first within 72 hours.';
COMMENT ON COLUMN social_posts.similarity IS 'Jaccard similarity with the text that it was found by, 0 to 1; null for the first.';
COMMENT ON COLUMN social_posts.deleted_at IS 'When it was noticed that it had been deleted there; its texts and author are gone here since.';
COMMENT ON COLUMN social_posts.forgotten_at IS 'When its texts were dropped, as they are not kept for longer; scores stay.';
COMMENT ON COLUMN social_posts.logic_version IS 'Version of the rules that made language and story.';
COMMENT ON COLUMN social_posts.known_at IS 'When it was known here; the same as ts.';
COMMENT ON COLUMN social_posts.created_at IS 'When the present values were made.';
CREATE INDEX IF NOT EXISTS social_posts_by_time ON social_posts (ts);
CREATE INDEX IF NOT EXISTS social_posts_by_cluster ON social_posts (cluster_id);

CREATE TABLE IF NOT EXISTS text_links (
    text_id bigint NOT NULL,
    coin text NOT NULL,
    logic_version integer NOT NULL,
    ts timestamptz NOT NULL,
    rule text NOT NULL,
    confidence double precision NOT NULL,
    mention text NOT NULL,
    known_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (text_id, coin, logic_version)
);
COMMENT ON TABLE text_links IS 'Which coins a text is about, and by which rule. Texts without a row here are about none that is known.';
COMMENT ON COLUMN text_links.text_id IS 'The text (news_events, social_posts).';
COMMENT ON COLUMN text_links.coin IS 'Currency as it is in instruments.base, such as BTC.';
COMMENT ON COLUMN text_links.logic_version IS 'Version of the rules and aliases.';
COMMENT ON COLUMN text_links.ts IS 'When the text was first seen.';
COMMENT ON COLUMN text_links.rule IS 'The strongest rule that found it; docs/news.md lists them.';
COMMENT ON COLUMN text_links.confidence IS 'Precision of that rule as measured on labelled texts, 0 to 1.';
COMMENT ON COLUMN text_links.mention IS 'The words that it was found by.';
COMMENT ON COLUMN text_links.known_at IS 'When the text was known.';
COMMENT ON COLUMN text_links.created_at IS 'When the present values were made.';
CREATE INDEX IF NOT EXISTS text_links_by_coin ON text_links (coin, ts);

CREATE TABLE IF NOT EXISTS text_scores (
    text_id bigint NOT NULL,
    model text NOT NULL,
    model_version text NOT NULL,
    ts timestamptz NOT NULL,
    score double precision,
    confidence double precision,
    negative double precision,
    neutral double precision,
    positive double precision,
    note text,
    data_hash text NOT NULL,
    known_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (text_id, model, model_version)
);
COMMENT ON TABLE text_scores IS 'What a text says, good or bad, by each model. A text that a model cannot read has a row without a score, and the reason.';
COMMENT ON COLUMN text_scores.text_id IS 'The text (news_events, social_posts).';
COMMENT ON COLUMN text_scores.model IS 'lexicon, linear or minilm; docs/news.md has the card of each.';
COMMENT ON COLUMN text_scores.model_version IS 'Its version.';
COMMENT ON COLUMN text_scores.ts IS 'When the text was first seen.';
COMMENT ON COLUMN text_scores.score IS '-1 (bad) to 1 (good); null where the model cannot read the text: never 0 for want of an answer.';
COMMENT ON COLUMN text_scores.confidence IS 'How sure the model is, 0 to 1: calibrated probability of the class where it has one.';
COMMENT ON COLUMN text_scores.negative IS 'Probability that it is negative; null where the model has none.';
COMMENT ON COLUMN text_scores.neutral IS 'Probability that it is neutral.';
COMMENT ON COLUMN text_scores.positive IS 'Probability that it is positive.';
COMMENT ON COLUMN text_scores.note IS 'Why there is no score, such as: language es is not supported.';
COMMENT ON COLUMN text_scores.data_hash IS 'SHA-256 of what the model was made of: lexicon or training texts.';
COMMENT ON COLUMN text_scores.known_at IS 'When the text was known.';
COMMENT ON COLUMN text_scores.created_at IS 'When the present values were made.';
CREATE INDEX IF NOT EXISTS text_scores_by_time ON text_scores (ts, model);

ALTER TABLE market_alerts DROP CONSTRAINT IF EXISTS market_alerts_kind_check;
ALTER TABLE market_alerts ADD CONSTRAINT market_alerts_kind_check
CHECK (kind IN ('funding_extreme', 'open_interest_jump', 'dominance_shift', 'sentiment_spike', 'story_cluster'));
COMMENT ON COLUMN market_alerts.kind IS 'funding_extreme, open_interest_jump, dominance_shift; of texts: sentiment_spike, story_cluster.';
