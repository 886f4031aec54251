CREATE OR REPLACE VIEW regimes AS
SELECT i.venue, i.symbol, t.timeframe, v.ts,
    v.trend, v.volatility, v.liquidity, v.adx, v.trend_slope, v.volatility_percentile, v.liquidity_percentile,
    v.quote_volume_mean, v.illiquidity, v.known_at, v.logic_version, v.created_at,
    v.instrument_id, v.timeframe_id
FROM market_regimes AS v
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
WHERE v.logic_version > 0
    AND NOT EXISTS (
        SELECT FROM market_regimes AS n
        WHERE n.instrument_id = v.instrument_id AND n.timeframe_id = v.timeframe_id AND n.ts = v.ts
            AND n.logic_version > v.logic_version
    );
COMMENT ON VIEW regimes IS 'Trend, volatility and liquidity of each symbol at each closed bar, in the newest version.';
COMMENT ON COLUMN regimes.venue IS 'Venue.';
COMMENT ON COLUMN regimes.symbol IS 'Unified symbol.';
COMMENT ON COLUMN regimes.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN regimes.ts IS 'Open time of the bar.';
COMMENT ON COLUMN regimes.trend IS 'up, down or range; null in the warm-up.';
COMMENT ON COLUMN regimes.volatility IS 'low, normal or high for the symbol''s own recent past; null in the warm-up.';
COMMENT ON COLUMN regimes.liquidity IS 'low, normal or high for the symbol''s own recent past; null in the warm-up.';
COMMENT ON COLUMN regimes.adx IS 'ADX 14: strength of the trend.';
COMMENT ON COLUMN regimes.trend_slope IS 'Slope of EMA 50, in ATR 14 per bar.';
COMMENT ON COLUMN regimes.volatility_percentile IS 'Percentile of the realised volatility among its last 500 values, 0 to 1.';
COMMENT ON COLUMN regimes.liquidity_percentile IS 'Mean percentile of quote volume and of low price impact, 0 to 1.';
COMMENT ON COLUMN regimes.quote_volume_mean IS 'Mean quote volume of the last 20 bars, in quote units.';
COMMENT ON COLUMN regimes.illiquidity IS 'Mean of |log return| per quote volume of the last 20 bars that traded (Amihud 2002); null if none did.';
COMMENT ON COLUMN regimes.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN regimes.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN regimes.created_at IS 'When the present values were made.';
COMMENT ON COLUMN regimes.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN regimes.timeframe_id IS 'Key of the timeframe, for joins.';
