CREATE OR REPLACE VIEW market_regime_now AS
SELECT t.timeframe, v.ts,
    v.symbols, v.trend, v.trend_share, v.volatility, v.volatility_share, v.liquidity, v.liquidity_share,
    v.btc_dominance, v.known_at, v.logic_version, v.created_at
FROM timeframes AS t
CROSS JOIN LATERAL (
    SELECT * FROM market_regimes_overall AS m
    WHERE m.timeframe_id = t.timeframe_id AND m.logic_version > 0
    ORDER BY m.ts DESC, m.logic_version DESC LIMIT 1
) AS v;
COMMENT ON VIEW market_regime_now IS 'The regime of the market at the newest closed bar of each timeframe.';
COMMENT ON COLUMN market_regime_now.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN market_regime_now.ts IS 'Open time of the bar.';
COMMENT ON COLUMN market_regime_now.symbols IS 'Symbols with a bar and a weight.';
COMMENT ON COLUMN market_regime_now.trend IS 'up, down or range: what most of the weight is in.';
COMMENT ON COLUMN market_regime_now.trend_share IS 'Share of the weight that says so, of the weight that says anything; 0 to 1.';
COMMENT ON COLUMN market_regime_now.volatility IS 'low, normal or high: what most of the weight is in.';
COMMENT ON COLUMN market_regime_now.volatility_share IS 'Share of the weight that says so, of the weight that says anything; 0 to 1.';
COMMENT ON COLUMN market_regime_now.liquidity IS 'low, normal or high: what most of the weight is in.';
COMMENT ON COLUMN market_regime_now.liquidity_share IS 'Share of the weight that says so, of the weight that says anything; 0 to 1.';
COMMENT ON COLUMN market_regime_now.btc_dominance IS 'Bitcoin''s share of the market''s value as known then; null where none was known.';
COMMENT ON COLUMN market_regime_now.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN market_regime_now.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN market_regime_now.created_at IS 'When the present values were made.';
