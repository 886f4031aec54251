-- coins that both tell of, by the id that the one has of the other: symbols are not unique
CREATE OR REPLACE VIEW stablecoins_compared AS
SELECT s.symbol, s.stablecoin, s.coingecko_id, s.ts, c.ts AS other_ts, s.circulating AS defillama_supply,
    c.circulating_supply AS coingecko_supply, s.circulating / nullif(c.circulating_supply, 0) - 1 AS supply_gap,
    s.price AS defillama_price, c.price AS coingecko_price, s.price - c.price AS price_gap,
    greatest(s.known_at, c.known_at) AS known_at
FROM (
    SELECT DISTINCT ON (n.stablecoin) n.*
    FROM stablecoin_supply AS n
    WHERE n.provider = 'defillama' AND n.sampled = 'live' AND n.coingecko_id IS NOT NULL AND n.ts > (
            SELECT max(m.ts) FROM stablecoin_supply AS m WHERE m.stablecoin = 'all' AND m.sampled = 'live'
        ) - INTERVAL '24 hours'
    ORDER BY n.stablecoin, n.ts DESC, n.revision DESC
) AS s
JOIN coin_metrics_latest AS c ON c.provider = 'coingecko' AND c.coin = s.coingecko_id;
COMMENT ON VIEW stablecoins_compared IS 'Stablecoins as DefiLlama and CoinGecko have them now, side by side: how far two that count for themselves disagree.';
COMMENT ON COLUMN stablecoins_compared.symbol IS 'Symbol of the coin, as DefiLlama spells it.';
COMMENT ON COLUMN stablecoins_compared.stablecoin IS 'DefiLlama''s number of the coin.';
COMMENT ON COLUMN stablecoins_compared.coingecko_id IS 'CoinGecko''s id of the coin.';
COMMENT ON COLUMN stablecoins_compared.ts IS 'When DefiLlama was asked.';
COMMENT ON COLUMN stablecoins_compared.other_ts IS 'What CoinGecko says its figures are of.';
COMMENT ON COLUMN stablecoins_compared.defillama_supply IS 'Units in circulation: what is on all chains, less what is unreleased.';
COMMENT ON COLUMN stablecoins_compared.coingecko_supply IS 'Units in circulation as CoinGecko has it.';
COMMENT ON COLUMN stablecoins_compared.supply_gap IS 'How much more DefiLlama counts, as a share of the other.';
COMMENT ON COLUMN stablecoins_compared.defillama_price IS 'Price in USD.';
COMMENT ON COLUMN stablecoins_compared.coingecko_price IS 'Price in USD.';
COMMENT ON COLUMN stablecoins_compared.price_gap IS 'DefiLlama less CoinGecko, in USD.';
COMMENT ON COLUMN stablecoins_compared.known_at IS 'When both were known.';
