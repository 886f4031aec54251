-- What institutions and stablecoins do: positions of trader groups in CME's crypto futures, supplies of stablecoins,
-- flows of spot ETFs. What a provider later tells otherwise is a row of its own (revision), known when it was seen.

CREATE TABLE IF NOT EXISTS institutional_contracts (
    contract text PRIMARY KEY,
    provider text NOT NULL,
    name text NOT NULL,
    base text NOT NULL,
    contract_size double precision NOT NULL CHECK (contract_size > 0),
    since date NOT NULL
);
COMMENT ON TABLE institutional_contracts IS 'Futures contracts whose holders are reported weekly, and how many coins a contract is.';
COMMENT ON COLUMN institutional_contracts.contract IS 'The CFTC''s code of the contract.';
COMMENT ON COLUMN institutional_contracts.provider IS 'Who reports it.';
COMMENT ON COLUMN institutional_contracts.name IS 'Its name in the report.';
COMMENT ON COLUMN institutional_contracts.base IS 'Coin.';
COMMENT ON COLUMN institutional_contracts.contract_size IS 'Coins of one contract.';
COMMENT ON COLUMN institutional_contracts.since IS 'No report about it is older.';
INSERT INTO institutional_contracts (contract, provider, name, base, contract_size, since) VALUES
    ('133741', 'cftc', 'BITCOIN', 'BTC', 5, '2018-04-10'),
    ('133742', 'cftc', 'MICRO BITCOIN', 'BTC', 0.1, '2021-05-04'),
    ('146021', 'cftc', 'ETHER CASH SETTLED', 'ETH', 50, '2021-02-09'),
    ('146022', 'cftc', 'MICRO ETHER', 'ETH', 0.1, '2021-12-07')
ON CONFLICT (contract) DO NOTHING;

CREATE TABLE IF NOT EXISTS institutional_releases (
    provider text NOT NULL,
    ts timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    normal_due_at timestamptz NOT NULL,
    reason text,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (provider, ts)
);
COMMENT ON TABLE institutional_releases IS 'Weekly reports that are to be expected, and when: one row a week. The view cot_weeks tells which came.';
COMMENT ON COLUMN institutional_releases.provider IS 'Who reports.';
COMMENT ON COLUMN institutional_releases.ts IS 'Day whose closing positions the report is about (UTC midnight of it): a Tuesday, or the Monday before where that is a holiday.';
COMMENT ON COLUMN institutional_releases.due_at IS 'When it is, or was, to come out: 15:30 US Eastern three federal business days later, or what the provider announced.';
COMMENT ON COLUMN institutional_releases.normal_due_at IS 'When it would have come out without what put it off.';
COMMENT ON COLUMN institutional_releases.reason IS 'What put it off: a federal holiday, a government shutdown, an incident; null where nothing did.';
COMMENT ON COLUMN institutional_releases.known_at IS 'Since when the row says so. The calendar is ours and no market data: rows of the past are filled in later.';

CREATE TABLE IF NOT EXISTS institutional_positions (
    provider text NOT NULL,
    report text NOT NULL CHECK (report IN ('futures', 'combined')),
    contract text NOT NULL,
    trader_group text NOT NULL CHECK (trader_group IN ('dealer', 'asset_manager', 'leveraged', 'other', 'small')),
    ts timestamptz NOT NULL,
    revision smallint NOT NULL,
    open_interest bigint NOT NULL,
    long_contracts bigint NOT NULL,
    short_contracts bigint NOT NULL,
    spread_contracts bigint,
    change_open_interest bigint,
    change_long bigint,
    change_short bigint,
    change_spread bigint,
    traders_long bigint,
    traders_short bigint,
    traders_spread bigint,
    contract_units text,
    known_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (provider, report, contract, trader_group, ts, revision)
);
COMMENT ON TABLE institutional_positions IS 'Commitments of Traders: who holds CME''s crypto futures, in contracts, a row a contract, trader group and week. The view cot has them in coins.';
COMMENT ON COLUMN institutional_positions.provider IS 'Who reports: cftc.';
COMMENT ON COLUMN institutional_positions.report IS 'futures: futures only; combined: futures, and options by their deltas.';
COMMENT ON COLUMN institutional_positions.contract IS 'Contract (institutional_contracts).';
COMMENT ON COLUMN institutional_positions.trader_group IS 'dealer: banks and dealers; asset_manager: funds, insurers, institutions; leveraged: hedge funds and trading firms; other: others that have to report; small: all who are too small to.';
COMMENT ON COLUMN institutional_positions.ts IS 'Day whose closing positions these are (UTC midnight of it), mostly a Tuesday. Not when they were known.';
COMMENT ON COLUMN institutional_positions.revision IS '0: as first told; each later one is what was told otherwise.';
COMMENT ON COLUMN institutional_positions.open_interest IS 'Open contracts of all groups together.';
COMMENT ON COLUMN institutional_positions.long_contracts IS 'Contracts held long, without spreads.';
COMMENT ON COLUMN institutional_positions.short_contracts IS 'Contracts held short, without spreads.';
COMMENT ON COLUMN institutional_positions.spread_contracts IS 'Contracts held long in one month and short in another, counted once; null for small, of whom it is not known.';
COMMENT ON COLUMN institutional_positions.change_open_interest IS 'Change of open interest since the report before, as reported; null in the first.';
COMMENT ON COLUMN institutional_positions.change_long IS 'Change of long contracts since the report before, as reported.';
COMMENT ON COLUMN institutional_positions.change_short IS 'Change of short contracts since the report before, as reported.';
COMMENT ON COLUMN institutional_positions.change_spread IS 'Change of spread contracts since the report before, as reported.';
COMMENT ON COLUMN institutional_positions.traders_long IS 'Traders who are long; null where fewer than four, which is not told.';
COMMENT ON COLUMN institutional_positions.traders_short IS 'Traders who are short; null where fewer than four.';
COMMENT ON COLUMN institutional_positions.traders_spread IS 'Traders who hold spreads; null where fewer than four.';
COMMENT ON COLUMN institutional_positions.contract_units IS 'What a contract is, in the words of the report.';
COMMENT ON COLUMN institutional_positions.known_at IS 'When it could first be known: its release, three federal business days later at 15:30 US Eastern or when an interrupted one was made up for; when we saw it, if that was before, or if we had looked after the release and it was not there; of a revision, when we saw it.';
COMMENT ON COLUMN institutional_positions.received_at IS 'When it was written.';
CREATE INDEX IF NOT EXISTS institutional_positions_known ON institutional_positions (known_at);
CREATE INDEX IF NOT EXISTS institutional_positions_by_time ON institutional_positions (contract, report, ts);

CREATE TABLE IF NOT EXISTS stablecoin_supply (
    provider text NOT NULL,
    stablecoin text NOT NULL,
    sampled text NOT NULL CHECK (sampled IN ('live', 'day')),
    ts timestamptz NOT NULL,
    revision smallint NOT NULL,
    symbol text NOT NULL,
    peg text,
    circulating_usd double precision,
    circulating double precision,
    price double precision,
    peg_deviation double precision,
    coins integer,
    coingecko_id text,
    known_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (provider, stablecoin, sampled, ts, revision)
);
COMMENT ON TABLE stablecoin_supply IS 'How much of each stablecoin circulates, and of all together: asked every half hour, and the provider''s own history by day. Source: DefiLlama.';
COMMENT ON COLUMN stablecoin_supply.provider IS 'Who tells: defillama.';
COMMENT ON COLUMN stablecoin_supply.stablecoin IS 'The provider''s number of the coin (symbols are not unique); all: every stablecoin together, small ones without rows of their own too.';
COMMENT ON COLUMN stablecoin_supply.sampled IS 'live: asked then, ts is when; day: of the provider''s history, ts is the start of a UTC day.';
COMMENT ON COLUMN stablecoin_supply.ts IS 'The moment that it is about.';
COMMENT ON COLUMN stablecoin_supply.revision IS '0: as first told; each later one is what was told otherwise.';
COMMENT ON COLUMN stablecoin_supply.symbol IS 'Its symbol.';
COMMENT ON COLUMN stablecoin_supply.peg IS 'Currency that it is pegged to; null of all together.';
COMMENT ON COLUMN stablecoin_supply.circulating_usd IS 'Supply in USD: units by their price; units of a USD coin that nobody quotes count as dollars; null where another coin is not quoted.';
COMMENT ON COLUMN stablecoin_supply.circulating IS 'Supply in units of the coin; null of all together.';
COMMENT ON COLUMN stablecoin_supply.price IS 'Price in USD; null where nobody quotes it. Of history: worth by units.';
COMMENT ON COLUMN stablecoin_supply.peg_deviation IS 'Price of a USD coin minus 1: -0.01 is a cent below; null for other pegs.';
COMMENT ON COLUMN stablecoin_supply.coins IS 'Of live rows of all together: how many coins they are of; null of others.';
COMMENT ON COLUMN stablecoin_supply.coingecko_id IS 'CoinGecko''s id of the coin (coin_metrics.coin), as the provider has it; null where it has none, and of history.';
COMMENT ON COLUMN stablecoin_supply.known_at IS 'When it could first be known: of live rows when they were asked for; of the history the end of that day, or when we saw it, if that was before; of a revision, when we saw it.';
COMMENT ON COLUMN stablecoin_supply.received_at IS 'When it was written.';

CREATE INDEX IF NOT EXISTS stablecoin_supply_by_coin ON stablecoin_supply (stablecoin, ts);

CREATE TABLE IF NOT EXISTS etf_flows (
    provider text NOT NULL,
    asset text NOT NULL,
    fund text NOT NULL,
    ts timestamptz NOT NULL,
    revision smallint NOT NULL,
    flow_usd double precision NOT NULL,
    price_usd double precision,
    known_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (provider, asset, fund, ts, revision)
);
COMMENT ON TABLE etf_flows IS 'Money into and out of the spot ETFs of the United States, by fund and trading day. Needs a key of Coinglass; empty without one.';
COMMENT ON COLUMN etf_flows.provider IS 'Who tells: coinglass.';
COMMENT ON COLUMN etf_flows.asset IS 'Coin that the funds hold: BTC or ETH.';
COMMENT ON COLUMN etf_flows.fund IS 'Ticker of the fund; all: the total, as the provider tells it.';
COMMENT ON COLUMN etf_flows.ts IS 'Trading day (UTC midnight of it). Not when it was known.';
COMMENT ON COLUMN etf_flows.revision IS '0: as first told; each later one is what was told otherwise, such as a total once another fund has reported.';
COMMENT ON COLUMN etf_flows.flow_usd IS 'Net flow of the day in USD; below 0: out of the fund.';
COMMENT ON COLUMN etf_flows.price_usd IS 'Price of the coin that day, as the provider tells it.';
COMMENT ON COLUMN etf_flows.known_at IS 'When it could first be known: 09:30 US Eastern of the next day; when we saw it, if that was before, or if we had looked after that and it was not there; of a revision, when we saw it.';
COMMENT ON COLUMN etf_flows.received_at IS 'When it was written.';
CREATE INDEX IF NOT EXISTS etf_flows_known ON etf_flows (known_at);

CALL keep_in_chunks('stablecoin_supply', '365 days', 'provider, stablecoin', 'ts, sampled, revision', '90 days');
