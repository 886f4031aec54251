CREATE OR REPLACE VIEW market_regime_with_leverage AS
SELECT r.timeframe, r.ts, r.known_at, r.trend, r.trend_share, r.volatility, r.volatility_share, r.liquidity,
    r.liquidity_share, r.symbols,
    l.ts AS leverage_at, l.perpetuals, l.open_interest, l.funding_annual, l.funding_percentile_median,
    l.funding_high_share, l.funding_low_share, l.crowding_mean, l.long_build_up_share, l.short_covering_share,
    l.short_build_up_share, l.long_unwinding_share,
    d.btc_dominance, d.provider AS dominance_provider, d.ts AS dominance_at
FROM market_regime AS r
LEFT JOIN LATERAL (
    SELECT * FROM market_leverage AS m WHERE m.ts = date_trunc('hour', r.known_at, 'UTC')
) AS l ON true
LEFT JOIN LATERAL (
    SELECT p.provider, m.btc_dominance, m.ts
    FROM unnest(ARRAY['coingecko', 'coinmarketcap']) WITH ORDINALITY AS p (provider, place)
    CROSS JOIN LATERAL (
        SELECT o.btc_dominance, o.ts FROM market_metrics AS o
        WHERE o.provider = p.provider AND o.ts <= r.known_at AND o.ts > r.known_at - INTERVAL '24 hours'
            AND o.known_at <= r.known_at AND o.btc_dominance IS NOT NULL
        ORDER BY o.ts DESC LIMIT 1
    ) AS m
    ORDER BY p.place LIMIT 1
) AS d ON true;
COMMENT ON VIEW market_regime_with_leverage IS 'The regime of the market beside what was known of its leverage at the last whole hour before the close of the bar, and of Bitcoin''s dominance by then; null where nothing was. The regime itself rests on bars alone.';
COMMENT ON COLUMN market_regime_with_leverage.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN market_regime_with_leverage.ts IS 'Open time of the bar.';
COMMENT ON COLUMN market_regime_with_leverage.known_at IS 'When the regime could first be known: the close of the bar.';
COMMENT ON COLUMN market_regime_with_leverage.trend IS 'up, down or range: what most of the weight is in.';
COMMENT ON COLUMN market_regime_with_leverage.trend_share IS 'Share of the weight that says so, 0 to 1.';
COMMENT ON COLUMN market_regime_with_leverage.volatility IS 'low, normal or high: what most of the weight is in.';
COMMENT ON COLUMN market_regime_with_leverage.volatility_share IS 'Share of the weight that says so, 0 to 1.';
COMMENT ON COLUMN market_regime_with_leverage.liquidity IS 'low, normal or high: what most of the weight is in.';
COMMENT ON COLUMN market_regime_with_leverage.liquidity_share IS 'Share of the weight that says so, 0 to 1.';
COMMENT ON COLUMN market_regime_with_leverage.symbols IS 'Symbols with a bar and a weight.';
COMMENT ON COLUMN market_regime_with_leverage.leverage_at IS 'Hour of the leverage beside it.';
COMMENT ON COLUMN market_regime_with_leverage.perpetuals IS 'Perpetuals with a snapshot.';
COMMENT ON COLUMN market_regime_with_leverage.open_interest IS 'Open interest of those in dollars, in USD.';
COMMENT ON COLUMN market_regime_with_leverage.funding_annual IS 'Their funding by the year, each weighing its open interest; a share.';
COMMENT ON COLUMN market_regime_with_leverage.funding_percentile_median IS 'Median of how high funding is for each perpetual itself, 0 to 1.';
COMMENT ON COLUMN market_regime_with_leverage.funding_high_share IS 'Share at or beyond the 95th percentile of its own funding.';
COMMENT ON COLUMN market_regime_with_leverage.funding_low_share IS 'Share at or below the 5th percentile of its own funding.';
COMMENT ON COLUMN market_regime_with_leverage.crowding_mean IS 'Mean crowding, 0 to 1.';
COMMENT ON COLUMN market_regime_with_leverage.long_build_up_share IS 'Share with price and open interest up over 24 hours.';
COMMENT ON COLUMN market_regime_with_leverage.short_covering_share IS 'Share with price up and open interest down.';
COMMENT ON COLUMN market_regime_with_leverage.short_build_up_share IS 'Share with price down and open interest up.';
COMMENT ON COLUMN market_regime_with_leverage.long_unwinding_share IS 'Share with price and open interest down.';
COMMENT ON COLUMN market_regime_with_leverage.btc_dominance IS 'Share of Bitcoin in the total of dominance_provider, in per cent: the newest known then, at most a day old.';
COMMENT ON COLUMN market_regime_with_leverage.dominance_provider IS 'Who says so: coingecko, or coinmarketcap where coingecko had told nothing.';
COMMENT ON COLUMN market_regime_with_leverage.dominance_at IS 'What time it says that of.';
