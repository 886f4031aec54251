-- What all texts of an hour or a day say together, and whether price has anything to do with it.

CREATE TABLE IF NOT EXISTS sentiment_aggregate_hours (
    coin text NOT NULL,
    ts timestamptz NOT NULL,
    hours smallint NOT NULL,
    model text NOT NULL,
    model_version text NOT NULL,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    score double precision,
    dispersion double precision,
    disagreement double precision,
    effective_stories double precision,
    texts integer NOT NULL,
    stories integer NOT NULL,
    sources integer NOT NULL,
    news integer NOT NULL,
    social integer NOT NULL,
    positive integer NOT NULL,
    negative integer NOT NULL,
    neutral integer NOT NULL,
    unscored integer NOT NULL,
    baseline_hours integer NOT NULL,
    baseline_mean double precision,
    change double precision,
    zscore double precision,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (coin, ts, hours, model, model_version, logic_version)
);
COMMENT ON TABLE sentiment_aggregate_hours IS 'What all texts about a coin, or about the market, said in the hour and in the 24 hours until its end, by each model. Without texts there is no row.';
COMMENT ON COLUMN sentiment_aggregate_hours.coin IS 'Currency as in instruments.base; market: all texts, whoever they are about.';
COMMENT ON COLUMN sentiment_aggregate_hours.ts IS 'Beginning of the hour at whose end the window ends.';
COMMENT ON COLUMN sentiment_aggregate_hours.hours IS 'Length of the window: 1 or 24 hours.';
COMMENT ON COLUMN sentiment_aggregate_hours.model IS 'Model whose scores they are; models are never mixed.';
COMMENT ON COLUMN sentiment_aggregate_hours.model_version IS 'Its version; versions are never mixed either.';
COMMENT ON COLUMN sentiment_aggregate_hours.logic_version IS 'Version of the rules that put scores together.';
COMMENT ON COLUMN sentiment_aggregate_hours.known_at IS 'When it could first be known: the end of the hour. Texts known by then take part, and no others.';
COMMENT ON COLUMN sentiment_aggregate_hours.score IS 'Weighted mean of stories, -1 (bad) to 1 (good); null where none could be scored: never 0 for want of texts.';
COMMENT ON COLUMN sentiment_aggregate_hours.dispersion IS 'Weighted standard deviation of the stories'' scores; null with fewer than two.';
COMMENT ON COLUMN sentiment_aggregate_hours.disagreement IS '0: all stories that take a side take the same; 1: half against half; null where none takes one.';
COMMENT ON COLUMN sentiment_aggregate_hours.effective_stories IS 'How many stories of equal weight it rests on as much as on these: (sum of weights)^2 / sum of squares.';
COMMENT ON COLUMN sentiment_aggregate_hours.texts IS 'Texts in the window, copies among them.';
COMMENT ON COLUMN sentiment_aggregate_hours.stories IS 'Stories: texts and their copies count once.';
COMMENT ON COLUMN sentiment_aggregate_hours.sources IS 'Outlets, subreddits and searches that told them.';
COMMENT ON COLUMN sentiment_aggregate_hours.news IS 'Texts that are news.';
COMMENT ON COLUMN sentiment_aggregate_hours.social IS 'Texts that are posts.';
COMMENT ON COLUMN sentiment_aggregate_hours.positive IS 'Stories that are good.';
COMMENT ON COLUMN sentiment_aggregate_hours.negative IS 'Stories that are bad.';
COMMENT ON COLUMN sentiment_aggregate_hours.neutral IS 'Stories that are neither.';
COMMENT ON COLUMN sentiment_aggregate_hours.unscored IS 'Stories that the model could not read, or has not.';
COMMENT ON COLUMN sentiment_aggregate_hours.baseline_hours IS 'Windows of the same kind with a score that ended in the 7 days before.';
COMMENT ON COLUMN sentiment_aggregate_hours.baseline_mean IS 'Mean of their scores; null with too few.';
COMMENT ON COLUMN sentiment_aggregate_hours.change IS 'Score less that mean.';
COMMENT ON COLUMN sentiment_aggregate_hours.zscore IS 'Change in standard deviations of those scores, of at least 0.05; null with too few of them.';
COMMENT ON COLUMN sentiment_aggregate_hours.created_at IS 'When the present values were made.';
CREATE INDEX IF NOT EXISTS sentiment_aggregate_hours_by_time ON sentiment_aggregate_hours (ts, hours);

CREATE TABLE IF NOT EXISTS sentiment_correlation_lags (
    instrument_id integer NOT NULL REFERENCES instruments,
    ts timestamptz NOT NULL,
    days smallint NOT NULL,
    series text NOT NULL,
    against text NOT NULL,
    lag smallint NOT NULL,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    coin text NOT NULL,
    model text NOT NULL,
    model_version text NOT NULL,
    pairs integer NOT NULL,
    effective_n double precision,
    correlation double precision,
    low double precision,
    high double precision,
    p double precision,
    trials integer NOT NULL,
    q double precision,
    shuffled_best double precision,
    shuffled_share double precision,
    verdict text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, ts, days, series, against, lag, logic_version)
);
COMMENT ON TABLE sentiment_correlation_lags IS 'How the sentiment of a coin goes with later and earlier returns and volatility of each of its symbols, and whether that is more than chance.';
COMMENT ON COLUMN sentiment_correlation_lags.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN sentiment_correlation_lags.ts IS 'Day (UTC) at whose end the window ends.';
COMMENT ON COLUMN sentiment_correlation_lags.days IS 'Length of the window: 30 or 90 days of hours.';
COMMENT ON COLUMN sentiment_correlation_lags.series IS 'Which sentiment: level (score of 24 hours), shift (its change from the hour before), spike (zscore of the hour alone).';
COMMENT ON COLUMN sentiment_correlation_lags.against IS 'return: log return of the hour; volatility: of the hour, by its range (Parkinson 1980).';
COMMENT ON COLUMN sentiment_correlation_lags.lag IS 'Hours by which price comes later: above 0 sentiment was known before the bar opened; below 0 price came first.';
COMMENT ON COLUMN sentiment_correlation_lags.logic_version IS 'Version of the rules.';
COMMENT ON COLUMN sentiment_correlation_lags.known_at IS 'When it could first be known: the end of the day.';
COMMENT ON COLUMN sentiment_correlation_lags.coin IS 'Coin whose sentiment it is: the base of the symbol.';
COMMENT ON COLUMN sentiment_correlation_lags.model IS 'Model of the sentiment.';
COMMENT ON COLUMN sentiment_correlation_lags.model_version IS 'Its versions in the window.';
COMMENT ON COLUMN sentiment_correlation_lags.pairs IS 'Hours of which both are known.';
COMMENT ON COLUMN sentiment_correlation_lags.effective_n IS 'Independent pairs they are worth, as both hang together in time (Pyper and Peterman 1998).';
COMMENT ON COLUMN sentiment_correlation_lags.correlation IS 'Pearson''s, -1 to 1; null with too few pairs.';
COMMENT ON COLUMN sentiment_correlation_lags.low IS 'Lower bound of it, 95 %, by the stationary block bootstrap (Politis and Romano 1994).';
COMMENT ON COLUMN sentiment_correlation_lags.high IS 'Upper bound of it.';
COMMENT ON COLUMN sentiment_correlation_lags.p IS 'Probability of one at least as large without any relation, by effective_n, of this trial alone.';
COMMENT ON COLUMN sentiment_correlation_lags.trials IS 'Correlations that were looked at for the same day: all symbols, windows, series and lags.';
COMMENT ON COLUMN sentiment_correlation_lags.q IS 'p adjusted for all those trials (Benjamini and Hochberg 1995, over families of a symbol, window and what it is held against, Bonferroni within them).';
COMMENT ON COLUMN sentiment_correlation_lags.shuffled_best IS 'What the best of all lags reaches with shuffled sentiment in one of twenty cases, by size.';
COMMENT ON COLUMN sentiment_correlation_lags.shuffled_share IS 'Share of shufflings whose best lag is at least as large as this one.';
COMMENT ON COLUMN sentiment_correlation_lags.verdict IS 'Of the strongest of all series and lags of a symbol and window, where q is below 0.01 and shuffled_best is beaten: sentiment leads, sentiment follows or same hour; of others that do so: echo of a stronger one; else no demonstrated relation, or too little data.';
COMMENT ON COLUMN sentiment_correlation_lags.created_at IS 'When the present values were made.';
CREATE INDEX IF NOT EXISTS sentiment_correlation_lags_by_time ON sentiment_correlation_lags (ts, days);
