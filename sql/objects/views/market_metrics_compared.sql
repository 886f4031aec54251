CREATE OR REPLACE VIEW market_metrics_compared AS
SELECT
    c.ts, o.ts AS other_ts, c.total_market_cap AS coingecko_market_cap, o.total_market_cap AS coinmarketcap_market_cap,
    100 * (c.total_market_cap / nullif(o.total_market_cap, 0) - 1) AS market_cap_gap,
    c.btc_dominance AS coingecko_btc_dominance, o.btc_dominance AS coinmarketcap_btc_dominance,
    c.btc_dominance - o.btc_dominance AS btc_dominance_gap,
    c.eth_dominance - o.eth_dominance AS eth_dominance_gap,
    c.stablecoin_dominance - o.stablecoin_dominance AS stablecoin_dominance_gap,
    c.confidence AS coingecko_confidence, o.confidence AS coinmarketcap_confidence,
    greatest(c.known_at, o.known_at) AS known_at
FROM market_metrics AS c
CROSS JOIN LATERAL (
    SELECT * FROM market_metrics AS r
    WHERE r.provider = 'coinmarketcap' AND r.ts <= c.ts AND r.ts > c.ts - INTERVAL '10 minutes'
    ORDER BY r.ts DESC LIMIT 1
) AS o
WHERE c.provider = 'coingecko';
COMMENT ON VIEW market_metrics_compared IS 'Both providers side by side where both told within ten minutes, and how far they disagree.';
COMMENT ON COLUMN market_metrics_compared.ts IS 'What CoinGecko says its figures are of.';
COMMENT ON COLUMN market_metrics_compared.other_ts IS 'What CoinMarketCap says its figures are of: its newest until then.';
COMMENT ON COLUMN market_metrics_compared.coingecko_market_cap IS 'Total as CoinGecko has it, in USD.';
COMMENT ON COLUMN market_metrics_compared.coinmarketcap_market_cap IS 'Total as CoinMarketCap has it, in USD.';
COMMENT ON COLUMN market_metrics_compared.market_cap_gap IS 'How much more CoinGecko has, in per cent of the other.';
COMMENT ON COLUMN market_metrics_compared.coingecko_btc_dominance IS 'Bitcoin''s share as CoinGecko has it, in per cent.';
COMMENT ON COLUMN market_metrics_compared.coinmarketcap_btc_dominance IS 'Bitcoin''s share as CoinMarketCap has it, in per cent.';
COMMENT ON COLUMN market_metrics_compared.btc_dominance_gap IS 'CoinGecko less CoinMarketCap, in points.';
COMMENT ON COLUMN market_metrics_compared.eth_dominance_gap IS 'The same of Ether.';
COMMENT ON COLUMN market_metrics_compared.stablecoin_dominance_gap IS 'The same of stablecoins; they may be summed up differently (stablecoin_basis).';
COMMENT ON COLUMN market_metrics_compared.coingecko_confidence IS 'Confidence of CoinGecko''s row.';
COMMENT ON COLUMN market_metrics_compared.coinmarketcap_confidence IS 'Confidence of CoinMarketCap''s row.';
COMMENT ON COLUMN market_metrics_compared.known_at IS 'When both were known.';
