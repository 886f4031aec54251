CREATE OR REPLACE VIEW market_regime_with_sentiment AS
SELECT
    r.timeframe, r.ts, r.known_at, r.trend, r.trend_share, r.volatility, r.volatility_share, r.liquidity, r.liquidity_share,
    r.symbols, m.sentiment_known_at, m.model AS sentiment_model, m.score AS sentiment, m.zscore AS sentiment_zscore,
    m.disagreement, m.stories, m.sources
FROM market_regime AS r
LEFT JOIN LATERAL sentiment_at('market', r.known_at) AS m ON true;
COMMENT ON VIEW market_regime_with_sentiment IS 'The regime of the market beside the sentiment of all texts that was known at the close of the bar, at most a day old; null where none was. The regime itself rests on bars alone.';
COMMENT ON COLUMN market_regime_with_sentiment.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN market_regime_with_sentiment.ts IS 'Open time of the bar.';
COMMENT ON COLUMN market_regime_with_sentiment.known_at IS 'When the regime could first be known: the close of the bar.';
COMMENT ON COLUMN market_regime_with_sentiment.trend IS 'up, down or range: what most of the weight is in.';
COMMENT ON COLUMN market_regime_with_sentiment.trend_share IS 'Share of the weight that says so, 0 to 1.';
COMMENT ON COLUMN market_regime_with_sentiment.volatility IS 'low, normal or high: what most of the weight is in.';
COMMENT ON COLUMN market_regime_with_sentiment.volatility_share IS 'Share of the weight that says so, 0 to 1.';
COMMENT ON COLUMN market_regime_with_sentiment.liquidity IS 'low, normal or high: what most of the weight is in.';
COMMENT ON COLUMN market_regime_with_sentiment.liquidity_share IS 'Share of the weight that says so, 0 to 1.';
COMMENT ON COLUMN market_regime_with_sentiment.symbols IS 'Symbols with a bar and a weight.';
COMMENT ON COLUMN market_regime_with_sentiment.sentiment_known_at IS 'Since when the sentiment was known; null where none was.';
COMMENT ON COLUMN market_regime_with_sentiment.sentiment_model IS 'Model of it.';
COMMENT ON COLUMN market_regime_with_sentiment.sentiment IS 'Weighted mean of the stories of 24 hours, -1 to 1.';
COMMENT ON COLUMN market_regime_with_sentiment.sentiment_zscore IS 'The same against the 7 days before, in standard deviations.';
COMMENT ON COLUMN market_regime_with_sentiment.disagreement IS '0: all stories that take a side take the same; 1: half against half.';
COMMENT ON COLUMN market_regime_with_sentiment.stories IS 'Stories it rests on.';
COMMENT ON COLUMN market_regime_with_sentiment.sources IS 'Sources that told them.';
