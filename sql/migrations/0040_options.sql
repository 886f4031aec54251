-- Options: contracts, quotes of all of them every few minutes, what they sum up to, and the volatility index.
-- A quote carries the key of its contract: names would make each row half as long again.

CREATE TABLE IF NOT EXISTS option_contracts (
    contract_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider text NOT NULL,
    name text NOT NULL,
    currency text NOT NULL,
    base text NOT NULL,
    settle text NOT NULL,
    inverse boolean NOT NULL,
    expiry timestamptz NOT NULL,
    strike double precision NOT NULL CHECK (strike > 0),
    kind text NOT NULL CHECK (kind IN ('call', 'put')),
    contract_size double precision NOT NULL CHECK (contract_size > 0),
    listed_at timestamptz NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    UNIQUE (provider, name)
) WITH (fillfactor = 50);  -- last_seen changes each quarter of an hour: in place, where there is room and no index on it
COMMENT ON TABLE option_contracts IS 'Every option that was ever seen in a provider''s list, with its terms. Whether it is listed now, the view option_contracts_listed tells.';
COMMENT ON COLUMN option_contracts.contract_id IS 'Key.';
COMMENT ON COLUMN option_contracts.provider IS 'Who lists it: deribit.';
COMMENT ON COLUMN option_contracts.name IS 'The provider''s name: BTC-27DEC26-100000-C.';
COMMENT ON COLUMN option_contracts.currency IS 'How names of its family begin: BTC and ETH have prices in the coin, SOL_USDC and the like in USDC.';
COMMENT ON COLUMN option_contracts.base IS 'Coin that it is on: BTC.';
COMMENT ON COLUMN option_contracts.settle IS 'Currency of its price and of what it pays: the coin itself, or USDC.';
COMMENT ON COLUMN option_contracts.inverse IS 'Whether it is settled in the coin that it is on.';
COMMENT ON COLUMN option_contracts.expiry IS 'When it expires: 08:00 UTC.';
COMMENT ON COLUMN option_contracts.strike IS 'Strike, in dollars (USD; of options settled in USDC, USDC).';
COMMENT ON COLUMN option_contracts.kind IS 'call or put.';
COMMENT ON COLUMN option_contracts.contract_size IS 'Coins of one contract. Open interest and volume are told in coins, not in contracts.';
COMMENT ON COLUMN option_contracts.listed_at IS 'When the provider listed it, as it says.';
COMMENT ON COLUMN option_contracts.first_seen IS 'When we first saw it listed.';
COMMENT ON COLUMN option_contracts.last_seen IS 'When we last saw it listed.';

CREATE TABLE IF NOT EXISTS option_quotes (
    contract_id integer NOT NULL,
    ts timestamptz NOT NULL,
    known_at timestamptz NOT NULL,
    mark_price double precision,
    mark_iv double precision,
    bid_price double precision,
    ask_price double precision,
    open_interest double precision,
    volume_24h double precision,
    underlying_price double precision,
    index_price double precision,
    interest_rate double precision,
    delta double precision,
    gamma double precision,
    vega double precision,
    theta double precision,
    logic_version integer NOT NULL,
    PRIMARY KEY (contract_id, ts)
);
COMMENT ON TABLE option_quotes IS 'Quotes, open interest and greeks of every listed option, every fifteen minutes. Kept for 30 days; what they sum up to stays (option_summaries). The view options_chain shows names and dollars.';
COMMENT ON COLUMN option_quotes.contract_id IS 'Option (option_contracts). Not a foreign key: it would be looked up for every row.';
COMMENT ON COLUMN option_quotes.ts IS 'Time of the snapshot, by the provider''s clock: one for all options of an answer.';
COMMENT ON COLUMN option_quotes.known_at IS 'When the answer was here.';
COMMENT ON COLUMN option_quotes.mark_price IS 'The provider''s valuation, in the currency of settlement: coins of an inverse option.';
COMMENT ON COLUMN option_quotes.mark_iv IS 'Implied volatility of the mark price, of a year, in percent.';
COMMENT ON COLUMN option_quotes.bid_price IS 'Best bid, in the currency of settlement; null where nobody bids.';
COMMENT ON COLUMN option_quotes.ask_price IS 'Best ask, in the currency of settlement; null where nobody offers.';
COMMENT ON COLUMN option_quotes.open_interest IS 'Open interest, in coins.';
COMMENT ON COLUMN option_quotes.volume_24h IS 'Volume of the last 24 hours, in coins.';
COMMENT ON COLUMN option_quotes.underlying_price IS 'Price of the coin for delivery at the expiry that the provider reckons with, in dollars.';
COMMENT ON COLUMN option_quotes.index_price IS 'Price index of the coin, in dollars; in the last half hour before an expiry the mean so far that will be paid.';
COMMENT ON COLUMN option_quotes.interest_rate IS 'Interest that the provider reckons with, of a year, as a share.';
COMMENT ON COLUMN option_quotes.delta IS 'By Black 1976: dollars that an option on one coin gains with a dollar of the underlying price. Null without volatility or after the expiry, as are the other greeks.';
COMMENT ON COLUMN option_quotes.gamma IS 'What delta gains with a dollar of the underlying price.';
COMMENT ON COLUMN option_quotes.vega IS 'Dollars that it gains with a point of a hundred of volatility.';
COMMENT ON COLUMN option_quotes.theta IS 'Dollars that it gains with a day that passes: below 0 where time costs.';
COMMENT ON COLUMN option_quotes.logic_version IS 'Version of the rules of the greeks.';

CREATE TABLE IF NOT EXISTS option_expiry_summaries (
    provider text NOT NULL,
    currency text NOT NULL,
    ts timestamptz NOT NULL,
    expiry timestamptz NOT NULL,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    forward double precision,
    calls_open_interest double precision NOT NULL,
    puts_open_interest double precision NOT NULL,
    calls_volume_24h double precision NOT NULL,
    puts_volume_24h double precision NOT NULL,
    put_call_open_interest double precision,
    put_call_volume double precision,
    contracts integer NOT NULL,
    max_pain double precision,
    atm_iv double precision,
    skew_25d double precision,
    butterfly_25d double precision,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (provider, currency, ts, expiry, logic_version)
);
COMMENT ON TABLE option_expiry_summaries IS 'What the options of each expiry sum up to at each snapshot. The view options_summary shows the newest version beside what all expiries sum up to.';
COMMENT ON COLUMN option_expiry_summaries.provider IS 'Who lists them.';
COMMENT ON COLUMN option_expiry_summaries.currency IS 'Family of options (option_contracts.currency).';
COMMENT ON COLUMN option_expiry_summaries.ts IS 'Time of the snapshot (option_quotes.ts).';
COMMENT ON COLUMN option_expiry_summaries.expiry IS 'When they expire.';
COMMENT ON COLUMN option_expiry_summaries.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN option_expiry_summaries.known_at IS 'When it could first be known: when the snapshot was here.';
COMMENT ON COLUMN option_expiry_summaries.forward IS 'Price of the coin for delivery at the expiry, in dollars: median of the options.';
COMMENT ON COLUMN option_expiry_summaries.calls_open_interest IS 'Open interest of calls, in coins.';
COMMENT ON COLUMN option_expiry_summaries.puts_open_interest IS 'Open interest of puts, in coins.';
COMMENT ON COLUMN option_expiry_summaries.calls_volume_24h IS 'Volume of calls of the last 24 hours, in coins.';
COMMENT ON COLUMN option_expiry_summaries.puts_volume_24h IS 'Volume of puts of the last 24 hours, in coins.';
COMMENT ON COLUMN option_expiry_summaries.put_call_open_interest IS 'Open interest of puts over that of calls; null without calls.';
COMMENT ON COLUMN option_expiry_summaries.put_call_volume IS 'Volume of puts over that of calls; null without calls.';
COMMENT ON COLUMN option_expiry_summaries.contracts IS 'Options that were quoted.';
COMMENT ON COLUMN option_expiry_summaries.max_pain IS 'Strike at which all of them together would pay least, in dollars; the lowest of several. Null without open interest.';
COMMENT ON COLUMN option_expiry_summaries.atm_iv IS 'Implied volatility where the strike is the forward, in percent, between neighbouring strikes; null where none is beyond it.';
COMMENT ON COLUMN option_expiry_summaries.skew_25d IS 'Implied volatility of the call of delta 0.25 less that of the put of delta -0.25, in points of percent: below 0 where falls are dearer to insure. Null where no strike is so far out.';
COMMENT ON COLUMN option_expiry_summaries.butterfly_25d IS 'Mean of these two less atm_iv, in points of percent: how much dearer the wings are.';
COMMENT ON COLUMN option_expiry_summaries.created_at IS 'When the present values were made.';

CREATE TABLE IF NOT EXISTS option_summaries (
    provider text NOT NULL,
    currency text NOT NULL,
    ts timestamptz NOT NULL,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    index_price double precision,
    calls_open_interest double precision NOT NULL,
    puts_open_interest double precision NOT NULL,
    calls_volume_24h double precision NOT NULL,
    puts_volume_24h double precision NOT NULL,
    put_call_open_interest double precision,
    put_call_volume double precision,
    contracts integer NOT NULL,
    expiries integer NOT NULL,
    atm_iv_7d double precision,
    atm_iv_30d double precision,
    atm_iv_90d double precision,
    atm_iv_180d double precision,
    skew_30d double precision,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (provider, currency, ts, logic_version)
);
COMMENT ON TABLE option_summaries IS 'What all options of a family sum up to at each snapshot, with the term structure of volatility.';
COMMENT ON COLUMN option_summaries.provider IS 'Who lists them.';
COMMENT ON COLUMN option_summaries.currency IS 'Family of options (option_contracts.currency).';
COMMENT ON COLUMN option_summaries.ts IS 'Time of the snapshot (option_quotes.ts).';
COMMENT ON COLUMN option_summaries.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN option_summaries.known_at IS 'When it could first be known: when the snapshot was here.';
COMMENT ON COLUMN option_summaries.index_price IS 'Price index of the coin, in dollars: median of the options.';
COMMENT ON COLUMN option_summaries.calls_open_interest IS 'Open interest of calls, in coins.';
COMMENT ON COLUMN option_summaries.puts_open_interest IS 'Open interest of puts, in coins.';
COMMENT ON COLUMN option_summaries.calls_volume_24h IS 'Volume of calls of the last 24 hours, in coins.';
COMMENT ON COLUMN option_summaries.puts_volume_24h IS 'Volume of puts of the last 24 hours, in coins.';
COMMENT ON COLUMN option_summaries.put_call_open_interest IS 'Open interest of puts over that of calls; null without calls.';
COMMENT ON COLUMN option_summaries.put_call_volume IS 'Volume of puts over that of calls; null without calls.';
COMMENT ON COLUMN option_summaries.contracts IS 'Options that were quoted.';
COMMENT ON COLUMN option_summaries.expiries IS 'Expiries among them.';
COMMENT ON COLUMN option_summaries.atm_iv_7d IS 'At-the-money volatility for 7 days, in percent: total variance between the two expiries around; null outside of them.';
COMMENT ON COLUMN option_summaries.atm_iv_30d IS 'The same for 30 days.';
COMMENT ON COLUMN option_summaries.atm_iv_90d IS 'The same for 90 days.';
COMMENT ON COLUMN option_summaries.atm_iv_180d IS 'The same for 180 days.';
COMMENT ON COLUMN option_summaries.skew_30d IS '25-delta skew for 30 days, in points of percent, between the two expiries around.';
COMMENT ON COLUMN option_summaries.created_at IS 'When the present values were made.';

CREATE TABLE IF NOT EXISTS volatility_index_candles (
    provider text NOT NULL,
    series text NOT NULL,
    ts timestamptz NOT NULL,
    known_at timestamptz NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (provider, series, ts)
);
COMMENT ON TABLE volatility_index_candles IS 'Hours of volatility indexes: what options say of the volatility of the next thirty days. Deribit''s (DVOL) goes back to March 2021.';
COMMENT ON COLUMN volatility_index_candles.provider IS 'Whose index it is.';
COMMENT ON COLUMN volatility_index_candles.series IS 'Currency that it is about: BTC, ETH.';
COMMENT ON COLUMN volatility_index_candles.ts IS 'Start of the hour.';
COMMENT ON COLUMN volatility_index_candles.known_at IS 'When it could first be known: the end of the hour, as the index is public at every moment.';
COMMENT ON COLUMN volatility_index_candles.open IS 'Index at the start of the hour: volatility of a year, in percent.';
COMMENT ON COLUMN volatility_index_candles.high IS 'Highest index of the hour, in percent.';
COMMENT ON COLUMN volatility_index_candles.low IS 'Lowest index of the hour, in percent.';
COMMENT ON COLUMN volatility_index_candles.close IS 'Index at the end of the hour, in percent.';
COMMENT ON COLUMN volatility_index_candles.received_at IS 'When the present values came.';

-- A snapshot is some two thousand rows, a day 200,000 rows and 42 MB; packed after two days.
CALL keep_in_chunks('option_quotes', '7 days', 'contract_id', 'ts', '2 days', '30 days');

DO $retention$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        -- what the chunks are to retention there; rows come in order of time, so that a few pages tell of all
        CREATE INDEX IF NOT EXISTS option_quotes_by_time ON option_quotes USING brin (ts);
    END IF;
END $retention$;
