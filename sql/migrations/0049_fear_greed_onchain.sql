-- Fear and greed, and what chains tell: figures that providers revise, each as it was told when; and collectors that
-- were asked at once because the market moved.

CREATE TABLE IF NOT EXISTS fear_greed_vintages (
    provider text NOT NULL,
    ts timestamptz NOT NULL,
    revision smallint NOT NULL,
    value smallint NOT NULL,
    classification text NOT NULL CHECK (
        classification IN ('extreme_fear', 'fear', 'neutral', 'greed', 'extreme_greed')
    ),
    scheduled_at timestamptz NOT NULL,
    known_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (provider, ts, revision)
);
COMMENT ON TABLE fear_greed_vintages IS 'Fear and greed index, a row a day and each time it was told otherwise. The view fear_greed has the newest of each day.';
COMMENT ON COLUMN fear_greed_vintages.provider IS 'Who tells: alternative_me.';
COMMENT ON COLUMN fear_greed_vintages.ts IS 'Day that it is of (UTC midnight of it). It is published as the day begins, of what was before.';
COMMENT ON COLUMN fear_greed_vintages.revision IS '0: as first told here; each later one is what was told otherwise.';
COMMENT ON COLUMN fear_greed_vintages.value IS '0 (extreme fear) to 100 (extreme greed).';
COMMENT ON COLUMN fear_greed_vintages.classification IS 'What the provider calls it: extreme_fear, fear, neutral, greed, extreme_greed.';
COMMENT ON COLUMN fear_greed_vintages.scheduled_at IS 'When it was to be published by the provider''s schedule: about the start of its day.';
COMMENT ON COLUMN fear_greed_vintages.known_at IS 'When we had it: history that was fetched later was known later.';
COMMENT ON COLUMN fear_greed_vintages.received_at IS 'When it was written.';
CREATE INDEX IF NOT EXISTS fear_greed_vintages_known ON fear_greed_vintages (known_at);

CREATE TABLE IF NOT EXISTS onchain_vintages (
    provider text NOT NULL,
    coin text NOT NULL,
    metric text NOT NULL,
    sampled text NOT NULL CHECK (sampled IN ('moment', 'day')),
    ts timestamptz NOT NULL,
    revision smallint NOT NULL,
    value double precision NOT NULL,
    unit text NOT NULL,
    scheduled_at timestamptz NOT NULL,
    known_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (provider, coin, metric, sampled, ts, revision)
);
COMMENT ON TABLE onchain_vintages IS 'What chains tell, by provider, coin and metric: a row a day or moment, and each time it was told otherwise. The view onchain_metrics has the newest of each.';
COMMENT ON COLUMN onchain_vintages.provider IS 'Who tells: blockchain_info, mempool_space, coinmetrics. Two providers of one metric count differently and are never mixed.';
COMMENT ON COLUMN onchain_vintages.coin IS 'Coin of the chain, as in instruments.base.';
COMMENT ON COLUMN onchain_vintages.metric IS 'What is told, in our words: docs/news.md lists them with what each provider calls them.';
COMMENT ON COLUMN onchain_vintages.sampled IS 'day: of a whole UTC day; moment: as it was at ts.';
COMMENT ON COLUMN onchain_vintages.ts IS 'Start of the UTC day, or the moment, that it is about. Not when it was known.';
COMMENT ON COLUMN onchain_vintages.revision IS '0: as first told here; each later one is what was told otherwise.';
COMMENT ON COLUMN onchain_vintages.value IS 'The figure, in its unit.';
COMMENT ON COLUMN onchain_vintages.unit IS 'TH/s, transactions, addresses, bytes, vB, USD, coins, blocks, sat, sat/vB, per cent, difficulty.';
COMMENT ON COLUMN onchain_vintages.scheduled_at IS 'When it could be told at the soonest: a day when it is over, a moment at once.';
COMMENT ON COLUMN onchain_vintages.known_at IS 'When we had it: history that was fetched later was known later.';
COMMENT ON COLUMN onchain_vintages.received_at IS 'When it was written.';
CREATE INDEX IF NOT EXISTS onchain_vintages_by_metric ON onchain_vintages (coin, metric, ts);

CALL keep_in_chunks('onchain_vintages', '365 days', 'provider, coin, metric', 'ts, sampled, revision', '90 days');

CREATE TABLE IF NOT EXISTS hurried_rounds (
    instrument_id integer NOT NULL REFERENCES instruments,
    ts timestamptz NOT NULL,
    volatility double precision NOT NULL,
    usual double precision NOT NULL,
    ratio double precision NOT NULL,
    minutes smallint NOT NULL,
    collectors text[] NOT NULL,
    kept_waiting jsonb NOT NULL DEFAULT '{}',
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (instrument_id, ts)
);
COMMENT ON TABLE hurried_rounds IS 'Collectors that were asked at once because a tracked symbol moved much more than usual. The view hurried has its venue and symbol.';
COMMENT ON COLUMN hurried_rounds.instrument_id IS 'Symbol that moved (instruments).';
COMMENT ON COLUMN hurried_rounds.ts IS 'Close of the newest of the minutes that were looked at.';
COMMENT ON COLUMN hurried_rounds.volatility IS 'Realised volatility of these minutes: root of the sum of squared logarithmic returns.';
COMMENT ON COLUMN hurried_rounds.usual IS 'Median of the same over the last day, in stretches of as many minutes.';
COMMENT ON COLUMN hurried_rounds.ratio IS 'volatility by usual.';
COMMENT ON COLUMN hurried_rounds.minutes IS 'How many minutes were looked at.';
COMMENT ON COLUMN hurried_rounds.collectors IS 'Who was asked at once.';
COMMENT ON COLUMN hurried_rounds.kept_waiting IS 'Who was not, by name, with the reason: the provider has banned us, or too little is left of its budget.';
COMMENT ON COLUMN hurried_rounds.noted_at IS 'When it was noticed.';
CREATE INDEX IF NOT EXISTS hurried_rounds_by_time ON hurried_rounds (noted_at);
