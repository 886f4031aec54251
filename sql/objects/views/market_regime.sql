CREATE OR REPLACE VIEW market_regime AS
SELECT t.timeframe, v.ts,
    v.symbols, v.trend, v.trend_share, v.volatility, v.volatility_share, v.liquidity, v.liquidity_share,
    v.btc_dominance, v.known_at, v.logic_version, v.created_at, v.dominance_provider
FROM market_regimes_overall AS v
JOIN timeframes AS t USING (timeframe_id)
WHERE v.logic_version > 0
    AND NOT EXISTS (
        SELECT FROM market_regimes_overall AS n
        WHERE n.timeframe_id = v.timeframe_id AND n.ts = v.ts
            AND n.logic_version > v.logic_version
    );
COMMENT ON VIEW market_regime IS 'The regime of the market as a whole at each open time, in the newest version.';
COMMENT ON COLUMN market_regime.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN market_regime.ts IS 'Open time of the bar.';
COMMENT ON COLUMN market_regime.symbols IS 'Symbols with a bar and a weight.';
COMMENT ON COLUMN market_regime.trend IS 'up, down or range: what most of the weight is in.';
COMMENT ON COLUMN market_regime.trend_share IS 'Share of the weight that says so, of the weight that says anything; 0 to 1.';
COMMENT ON COLUMN market_regime.volatility IS 'low, normal or high: what most of the weight is in.';
COMMENT ON COLUMN market_regime.volatility_share IS 'Share of the weight that says so, of the weight that says anything; 0 to 1.';
COMMENT ON COLUMN market_regime.liquidity IS 'low, normal or high: what most of the weight is in.';
COMMENT ON COLUMN market_regime.liquidity_share IS 'Share of the weight that says so, of the weight that says anything; 0 to 1.';
COMMENT ON COLUMN market_regime.btc_dominance IS 'Share of Bitcoin in the total of dominance_provider, in per cent, as known at the close; null where none was known.';
COMMENT ON COLUMN market_regime.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN market_regime.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN market_regime.created_at IS 'When the present values were made.';
COMMENT ON COLUMN market_regime.dominance_provider IS 'Who told btc_dominance: coingecko, or coinmarketcap where coingecko had told nothing.';
