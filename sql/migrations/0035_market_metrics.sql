-- What the market is worth and who has which share of it, as providers tell it, and what follows from that.

CREATE TABLE IF NOT EXISTS market_metrics (
    provider text NOT NULL,
    ts timestamptz NOT NULL,
    total_market_cap double precision NOT NULL,
    volume_24h double precision,
    btc_dominance double precision,
    eth_dominance double precision,
    stablecoin_market_cap double precision,
    stablecoin_dominance double precision,
    stablecoin_basis text,
    stablecoins_at timestamptz,
    defi_market_cap double precision,
    defi_volume_24h double precision,
    defi_dominance double precision,
    defi_at timestamptz,
    active_coins bigint,
    markets bigint,
    age_seconds double precision NOT NULL,
    completeness double precision NOT NULL,
    agreement double precision,
    compared_with text,
    btc_dominance_gap double precision,
    confidence double precision NOT NULL,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (provider, ts)
);
COMMENT ON TABLE market_metrics IS 'What each provider says of the market as a whole, a row each time that its figures are of. Providers count different coins and are never mixed: two of them differ by some three points of dominance all the time.';
COMMENT ON COLUMN market_metrics.provider IS 'Who says so: coingecko, coinmarketcap.';
COMMENT ON COLUMN market_metrics.ts IS 'What the provider says its figures are of: an old answer keeps its own time.';
COMMENT ON COLUMN market_metrics.total_market_cap IS 'Value of all coins that the provider counts, in USD.';
COMMENT ON COLUMN market_metrics.volume_24h IS 'Traded in 24 hours, in USD; null where it does not tell.';
COMMENT ON COLUMN market_metrics.btc_dominance IS 'Share of Bitcoin in the provider''s own total, in per cent.';
COMMENT ON COLUMN market_metrics.eth_dominance IS 'Share of Ether in it, in per cent.';
COMMENT ON COLUMN market_metrics.stablecoin_market_cap IS 'Value of stablecoins, in USD; see stablecoin_basis.';
COMMENT ON COLUMN market_metrics.stablecoin_dominance IS 'Share of stablecoins in the total, in per cent.';
COMMENT ON COLUMN market_metrics.stablecoin_basis IS 'What stablecoins are summed up of: category (all that the provider lists as such), largest (those among the ten largest coins: a lower bound) or provider (its own figure).';
COMMENT ON COLUMN market_metrics.stablecoins_at IS 'When that figure was told; it is asked less often than the rest.';
COMMENT ON COLUMN market_metrics.defi_market_cap IS 'Value of decentralised finance, in USD.';
COMMENT ON COLUMN market_metrics.defi_volume_24h IS 'Traded there in 24 hours, in USD.';
COMMENT ON COLUMN market_metrics.defi_dominance IS 'Share of it in the total, in per cent.';
COMMENT ON COLUMN market_metrics.defi_at IS 'When these figures were told; it is asked less often than the rest.';
COMMENT ON COLUMN market_metrics.active_coins IS 'Coins that the provider counts.';
COMMENT ON COLUMN market_metrics.markets IS 'Markets or exchanges that it counts.';
COMMENT ON COLUMN market_metrics.age_seconds IS 'How old the figures were when we had them: known_at less ts.';
COMMENT ON COLUMN market_metrics.completeness IS 'Share of the figures that are looked for and were told, 0 to 1.';
COMMENT ON COLUMN market_metrics.agreement IS 'How well it agrees with the other provider as known then, 0 to 1; null where no other had told within ten minutes.';
COMMENT ON COLUMN market_metrics.compared_with IS 'The provider that it was compared with.';
COMMENT ON COLUMN market_metrics.btc_dominance_gap IS 'Bitcoin''s share here less that of the other, in points.';
COMMENT ON COLUMN market_metrics.confidence IS 'Completeness x agreement x freshness, 0 to 1; docs/market.md has the formula.';
COMMENT ON COLUMN market_metrics.logic_version IS 'Version of the rules that made age, agreement and confidence.';
COMMENT ON COLUMN market_metrics.known_at IS 'When we had it.';

CREATE TABLE IF NOT EXISTS coin_metrics (
    provider text NOT NULL,
    coin text NOT NULL,
    vintage text NOT NULL CHECK (vintage IN ('live', 'history')),
    ts timestamptz NOT NULL,
    symbol text NOT NULL,
    price double precision,
    market_cap double precision,
    rank bigint,
    volume_24h double precision,
    circulating_supply double precision,
    total_supply double precision,
    max_supply double precision,
    change_24h double precision,
    confidence double precision,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (provider, coin, vintage, ts)
);
COMMENT ON TABLE coin_metrics IS 'What each provider says of each coin. Coins of tracked symbols and stablecoins each minute, the others every five.';
COMMENT ON COLUMN coin_metrics.provider IS 'Who says so: coingecko, coinmarketcap.';
COMMENT ON COLUMN coin_metrics.coin IS 'The provider''s own id of the coin: bitcoin at CoinGecko, 1 at CoinMarketCap.';
COMMENT ON COLUMN coin_metrics.vintage IS 'live: told at the time; history: what the provider told later of its past.';
COMMENT ON COLUMN coin_metrics.ts IS 'What the provider says its figures are of.';
COMMENT ON COLUMN coin_metrics.symbol IS 'Its symbol, upper case. Not unique: several coins have the same.';
COMMENT ON COLUMN coin_metrics.price IS 'Price in USD; null where it does not tell.';
COMMENT ON COLUMN coin_metrics.market_cap IS 'Price times supply in circulation as the provider has it, in USD.';
COMMENT ON COLUMN coin_metrics.rank IS 'Place by market cap, 1 is the largest; null in rows of history.';
COMMENT ON COLUMN coin_metrics.volume_24h IS 'Traded in 24 hours, in USD.';
COMMENT ON COLUMN coin_metrics.circulating_supply IS 'Coins in circulation.';
COMMENT ON COLUMN coin_metrics.total_supply IS 'Coins that exist.';
COMMENT ON COLUMN coin_metrics.max_supply IS 'The most there will ever be; null where there is no limit, or none told.';
COMMENT ON COLUMN coin_metrics.change_24h IS 'Change of the price in 24 hours, in per cent.';
COMMENT ON COLUMN coin_metrics.confidence IS '0 to 1, by age, completeness and whether the cap is price times supply; null in rows of history.';
COMMENT ON COLUMN coin_metrics.logic_version IS 'Version of the rules that made the confidence.';
COMMENT ON COLUMN coin_metrics.known_at IS 'When we had it; of history the time it was fetched, long after ts.';

CREATE TABLE IF NOT EXISTS coin_metrics_latest (
    provider text NOT NULL,
    coin text NOT NULL,
    name text NOT NULL,
    ts timestamptz NOT NULL,
    symbol text NOT NULL,
    price double precision,
    market_cap double precision,
    rank bigint,
    volume_24h double precision,
    circulating_supply double precision,
    total_supply double precision,
    max_supply double precision,
    change_24h double precision,
    confidence double precision,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (provider, coin)
);
COMMENT ON TABLE coin_metrics_latest IS 'The newest row of coin_metrics of each coin as told at the time, written with it. The view coin_metrics_now shows it.';
COMMENT ON COLUMN coin_metrics_latest.provider IS 'Who says so.';
COMMENT ON COLUMN coin_metrics_latest.coin IS 'The provider''s own id of the coin.';
COMMENT ON COLUMN coin_metrics_latest.name IS 'Name of the coin.';
COMMENT ON COLUMN coin_metrics_latest.ts IS 'What the provider says its figures are of.';
COMMENT ON COLUMN coin_metrics_latest.symbol IS 'Its symbol, upper case. Not unique: several coins have the same.';
COMMENT ON COLUMN coin_metrics_latest.price IS 'Price in USD; null where it does not tell.';
COMMENT ON COLUMN coin_metrics_latest.market_cap IS 'Price times supply in circulation as the provider has it, in USD.';
COMMENT ON COLUMN coin_metrics_latest.rank IS 'Place by market cap, 1 is the largest; null in rows of history.';
COMMENT ON COLUMN coin_metrics_latest.volume_24h IS 'Traded in 24 hours, in USD.';
COMMENT ON COLUMN coin_metrics_latest.circulating_supply IS 'Coins in circulation.';
COMMENT ON COLUMN coin_metrics_latest.total_supply IS 'Coins that exist.';
COMMENT ON COLUMN coin_metrics_latest.max_supply IS 'The most there will ever be; null where there is no limit, or none told.';
COMMENT ON COLUMN coin_metrics_latest.change_24h IS 'Change of the price in 24 hours, in per cent.';
COMMENT ON COLUMN coin_metrics_latest.confidence IS '0 to 1, by age, completeness and whether the cap is price times supply; null in rows of history.';
COMMENT ON COLUMN coin_metrics_latest.logic_version IS 'Version of the rules that made the confidence.';
COMMENT ON COLUMN coin_metrics_latest.known_at IS 'When we had it; of history the time it was fetched, long after ts.';

CREATE TABLE IF NOT EXISTS dominance_regime_hours (
    provider text NOT NULL,
    basis text NOT NULL CHECK (basis IN ('market', 'main_coins')),
    asset text NOT NULL CHECK (asset IN ('btc', 'eth', 'stablecoin')),
    ts timestamptz NOT NULL,
    logic_version integer NOT NULL,
    dominance double precision,
    change_24h double precision,
    regime text CHECK (regime IN ('rising', 'falling', 'flat')),
    turned_from text,
    known_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (provider, basis, asset, ts, logic_version)
);
COMMENT ON TABLE dominance_regime_hours IS 'Whether the share of Bitcoin, Ether or stablecoins in the market rises, falls or stands still, by the hour and provider.';
COMMENT ON COLUMN dominance_regime_hours.provider IS 'Whose figures they are.';
COMMENT ON COLUMN dominance_regime_hours.basis IS 'Of what the shares are: market, of the whole market as the provider told it at the time; main_coins, of ten large coins as it told their past later.';
COMMENT ON COLUMN dominance_regime_hours.asset IS 'btc, eth or stablecoin.';
COMMENT ON COLUMN dominance_regime_hours.ts IS 'Start of the hour.';
COMMENT ON COLUMN dominance_regime_hours.logic_version IS 'Version of the rules; below 0: a trial beside them.';
COMMENT ON COLUMN dominance_regime_hours.dominance IS 'The newest share at the end of the hour, in per cent.';
COMMENT ON COLUMN dominance_regime_hours.change_24h IS 'Change against 24 hours before, in points.';
COMMENT ON COLUMN dominance_regime_hours.regime IS 'rising, falling or flat; null where shares are missing.';
COMMENT ON COLUMN dominance_regime_hours.turned_from IS 'The regime of the hour before, where it was another; null otherwise.';
COMMENT ON COLUMN dominance_regime_hours.known_at IS 'When it could first be known: the end of the hour; of main_coins when the past was fetched.';
COMMENT ON COLUMN dominance_regime_hours.created_at IS 'When the present values were made.';

CREATE TABLE IF NOT EXISTS dominance_correlation_bars (
    provider text NOT NULL,
    basis text NOT NULL CHECK (basis IN ('market', 'main_coins')),
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    bars smallint NOT NULL,
    logic_version integer NOT NULL,
    pairs integer NOT NULL,
    correlation double precision,
    low double precision,
    high double precision,
    lags double precision[] NOT NULL,
    best_lag smallint,
    known_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (provider, basis, instrument_id, timeframe_id, ts, bars, logic_version)
);
COMMENT ON TABLE dominance_correlation_bars IS 'Rolling correlation of changes of Bitcoin''s dominance with the log returns of each symbol, with its interval and with lags.';
COMMENT ON COLUMN dominance_correlation_bars.provider IS 'Whose dominance it is.';
COMMENT ON COLUMN dominance_correlation_bars.basis IS 'Of what the shares are: market or main_coins (dominance_regime_hours).';
COMMENT ON COLUMN dominance_correlation_bars.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN dominance_correlation_bars.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN dominance_correlation_bars.ts IS 'Open time of the last bar of the window.';
COMMENT ON COLUMN dominance_correlation_bars.bars IS 'Length of the window in bars.';
COMMENT ON COLUMN dominance_correlation_bars.logic_version IS 'Version of the rules; below 0: a trial beside them.';
COMMENT ON COLUMN dominance_correlation_bars.pairs IS 'Bars of the window of which both changes are known.';
COMMENT ON COLUMN dominance_correlation_bars.correlation IS 'Pearson''s, -1 to 1, without lag; null with too few pairs or where one of both never moved.';
COMMENT ON COLUMN dominance_correlation_bars.low IS 'Lower bound of it (Fisher, 95 %); windows of neighbouring rows overlap, so that these are not independent.';
COMMENT ON COLUMN dominance_correlation_bars.high IS 'Upper bound of it.';
COMMENT ON COLUMN dominance_correlation_bars.lags IS 'Correlations at lags -3 to 3 bars: above 0 the symbol follows dominance by so many bars, below 0 it leads.';
COMMENT ON COLUMN dominance_correlation_bars.best_lag IS 'The lag of the largest of these by size; the best of seven looks good by chance.';
COMMENT ON COLUMN dominance_correlation_bars.known_at IS 'When it could first be known: the close of the last bar; of main_coins when the past was fetched.';
COMMENT ON COLUMN dominance_correlation_bars.created_at IS 'When the present values were made.';

CREATE INDEX IF NOT EXISTS coin_metrics_by_symbol ON coin_metrics_latest (symbol, provider);
CREATE INDEX IF NOT EXISTS dominance_regime_turns ON dominance_regime_hours (ts) WHERE turned_from IS NOT NULL;

CALL keep_in_chunks('market_metrics', '30 days', 'provider', 'ts', '60 days');
CALL keep_in_chunks('coin_metrics', '7 days', 'provider, coin, vintage', 'ts', '14 days', '400 days');
CALL keep_in_chunks(
    'dominance_correlation_bars', '30 days', 'provider, basis, instrument_id, timeframe_id, bars, logic_version', 'ts', '60 days'
);

DO $retention$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        CREATE INDEX IF NOT EXISTS coin_metrics_by_time ON coin_metrics USING brin (ts);
    END IF;
END $retention$;
