CREATE OR REPLACE VIEW coin_metrics_now AS
SELECT
    c.provider, c.coin, c.symbol, c.name, c.ts, c.known_at, c.price, c.market_cap, c.rank, c.volume_24h,
    c.circulating_supply, c.total_supply, c.max_supply, c.change_24h, c.confidence,
    extract(EPOCH FROM now() - c.ts)::double precision AS age_seconds,
    row_number() OVER (PARTITION BY c.provider, c.symbol ORDER BY c.rank, c.coin) = 1 AS is_largest
FROM coin_metrics_latest AS c;
COMMENT ON VIEW coin_metrics_now IS 'The newest that each provider told of each coin.';
COMMENT ON COLUMN coin_metrics_now.provider IS 'Who says so. Providers are never mixed.';
COMMENT ON COLUMN coin_metrics_now.coin IS 'The provider''s own id of the coin.';
COMMENT ON COLUMN coin_metrics_now.symbol IS 'Its symbol, upper case; several coins may have the same: see is_largest.';
COMMENT ON COLUMN coin_metrics_now.name IS 'Its name.';
COMMENT ON COLUMN coin_metrics_now.ts IS 'What the provider says its figures are of.';
COMMENT ON COLUMN coin_metrics_now.known_at IS 'When we had it.';
COMMENT ON COLUMN coin_metrics_now.price IS 'Price in USD.';
COMMENT ON COLUMN coin_metrics_now.market_cap IS 'Market cap in USD.';
COMMENT ON COLUMN coin_metrics_now.rank IS 'Place by market cap, 1 is the largest.';
COMMENT ON COLUMN coin_metrics_now.volume_24h IS 'Traded in 24 hours, in USD.';
COMMENT ON COLUMN coin_metrics_now.circulating_supply IS 'Coins in circulation.';
COMMENT ON COLUMN coin_metrics_now.total_supply IS 'Coins that exist.';
COMMENT ON COLUMN coin_metrics_now.max_supply IS 'The most there will ever be; null where there is no limit, or none told.';
COMMENT ON COLUMN coin_metrics_now.change_24h IS 'Change of the price in 24 hours, in per cent.';
COMMENT ON COLUMN coin_metrics_now.confidence IS '0 to 1, by age, completeness and whether the cap is price times supply.';
COMMENT ON COLUMN coin_metrics_now.age_seconds IS 'How old it is now, in seconds.';
COMMENT ON COLUMN coin_metrics_now.is_largest IS 'Whether it is the largest coin of its symbol at this provider: the one to join a venue''s symbol with.';
