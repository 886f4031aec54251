CREATE OR REPLACE VIEW market_metrics_now AS
SELECT
    m.provider, m.ts, m.known_at, m.total_market_cap, m.volume_24h, m.btc_dominance, m.eth_dominance,
    m.stablecoin_market_cap, m.stablecoin_dominance, m.stablecoin_basis, m.defi_market_cap, m.defi_volume_24h,
    m.defi_dominance, m.active_coins, m.completeness, m.agreement, m.compared_with, m.btc_dominance_gap,
    m.confidence, a.age_seconds, a.age_seconds > 600 AS stale,
    m.completeness * coalesce(m.agreement, 0.8)
    * power(0.5, greatest(a.age_seconds / 60 - 2, 0) / 8) AS confidence_now
FROM (VALUES ('coingecko'), ('coinmarketcap')) AS p (provider)
CROSS JOIN LATERAL (
    SELECT * FROM market_metrics AS r WHERE r.provider = p.provider AND r.ts <= now() ORDER BY r.ts DESC LIMIT 1
) AS m
CROSS JOIN LATERAL (SELECT extract(EPOCH FROM now() - m.ts)::double precision AS age_seconds) AS a;
COMMENT ON VIEW market_metrics_now IS 'The newest that each provider told of the market as a whole, and how old that is by now.';
COMMENT ON COLUMN market_metrics_now.provider IS 'Who says so. Providers are never mixed.';
COMMENT ON COLUMN market_metrics_now.ts IS 'What the provider says its figures are of.';
COMMENT ON COLUMN market_metrics_now.known_at IS 'When we had it.';
COMMENT ON COLUMN market_metrics_now.total_market_cap IS 'Value of all coins that it counts, in USD.';
COMMENT ON COLUMN market_metrics_now.volume_24h IS 'Traded in 24 hours, in USD.';
COMMENT ON COLUMN market_metrics_now.btc_dominance IS 'Share of Bitcoin, in per cent.';
COMMENT ON COLUMN market_metrics_now.eth_dominance IS 'Share of Ether, in per cent.';
COMMENT ON COLUMN market_metrics_now.stablecoin_market_cap IS 'Value of stablecoins, in USD.';
COMMENT ON COLUMN market_metrics_now.stablecoin_dominance IS 'Share of stablecoins, in per cent.';
COMMENT ON COLUMN market_metrics_now.stablecoin_basis IS 'category, largest (a lower bound) or provider: what they are summed up of.';
COMMENT ON COLUMN market_metrics_now.defi_market_cap IS 'Value of decentralised finance, in USD.';
COMMENT ON COLUMN market_metrics_now.defi_volume_24h IS 'Traded there in 24 hours, in USD.';
COMMENT ON COLUMN market_metrics_now.defi_dominance IS 'Share of it, in per cent.';
COMMENT ON COLUMN market_metrics_now.active_coins IS 'Coins that the provider counts.';
COMMENT ON COLUMN market_metrics_now.completeness IS 'Share of the figures that were told, 0 to 1.';
COMMENT ON COLUMN market_metrics_now.agreement IS 'How well it agreed with the other provider, 0 to 1; null where no other had told.';
COMMENT ON COLUMN market_metrics_now.compared_with IS 'The provider that it was compared with.';
COMMENT ON COLUMN market_metrics_now.btc_dominance_gap IS 'Bitcoin''s share here less that of the other, in points.';
COMMENT ON COLUMN market_metrics_now.confidence IS 'Confidence at the time it was had, 0 to 1.';
COMMENT ON COLUMN market_metrics_now.age_seconds IS 'How old it is now, in seconds.';
COMMENT ON COLUMN market_metrics_now.stale IS 'Whether it is older than ten minutes.';
COMMENT ON COLUMN market_metrics_now.confidence_now IS 'The same confidence by the age that it has now.';
