CREATE OR REPLACE VIEW sentiment_with_price AS
SELECT
    i.venue, i.symbol, i.base AS coin, b.ts, b.ts + INTERVAL '1 hour' AS known_at, b.close, ln(b.close / p.close) AS log_return,
    ln(b.high / b.low) / (2 * sqrt(ln(2::double precision))) AS volatility, d.score, d.zscore, d.disagreement, d.stories,
    d.sources, h.score AS hour_score, h.zscore AS hour_zscore, h.stories AS hour_stories, d.model, m.score AS market_score,
    i.instrument_id
FROM bars AS b
JOIN instruments AS i USING (instrument_id)
LEFT JOIN bars AS p ON p.instrument_id = b.instrument_id AND p.timeframe_id = 60 AND p.ts = b.ts - INTERVAL '1 hour'
LEFT JOIN sentiment_aggregates AS d ON d.coin = i.base AND d.ts = b.ts AND d.hours = 24 AND d.is_main
LEFT JOIN sentiment_aggregates AS h ON h.coin = i.base AND h.ts = b.ts AND h.hours = 1 AND h.is_main
LEFT JOIN sentiment_aggregates AS m ON m.coin = 'market' AND m.ts = b.ts AND m.hours = 24 AND m.is_main
WHERE b.timeframe_id = 60 AND b.ts <= now() - INTERVAL '1 hour';
COMMENT ON VIEW sentiment_with_price IS 'Hours of each symbol: price, return and volatility beside what was said until the end of the hour. What is said is known when the hour is over, not before its bar opened: for what comes after, join the next hour.';
COMMENT ON COLUMN sentiment_with_price.venue IS 'Venue.';
COMMENT ON COLUMN sentiment_with_price.symbol IS 'Unified symbol.';
COMMENT ON COLUMN sentiment_with_price.coin IS 'Its base, whose sentiment it is.';
COMMENT ON COLUMN sentiment_with_price.ts IS 'Open time of the hour.';
COMMENT ON COLUMN sentiment_with_price.known_at IS 'When all of the row could first be known: the end of the hour.';
COMMENT ON COLUMN sentiment_with_price.close IS 'Close, in quote units.';
COMMENT ON COLUMN sentiment_with_price.log_return IS 'Logarithm of close over the close of the hour before; null without that hour.';
COMMENT ON COLUMN sentiment_with_price.volatility IS 'Realised volatility of the hour by its range: ln(high / low) / (2 sqrt(ln 2)) (Parkinson 1980); of a log return.';
COMMENT ON COLUMN sentiment_with_price.score IS 'Sentiment of the 24 hours until the end of the hour, -1 to 1; null without texts.';
COMMENT ON COLUMN sentiment_with_price.zscore IS 'The same against the 7 days before, in standard deviations.';
COMMENT ON COLUMN sentiment_with_price.disagreement IS '0: all stories that take a side take the same; 1: half against half.';
COMMENT ON COLUMN sentiment_with_price.stories IS 'Stories of those 24 hours.';
COMMENT ON COLUMN sentiment_with_price.sources IS 'Sources of those 24 hours.';
COMMENT ON COLUMN sentiment_with_price.hour_score IS 'Sentiment of the hour alone; null without texts.';
COMMENT ON COLUMN sentiment_with_price.hour_zscore IS 'The same against the hours of the 7 days before, in standard deviations.';
COMMENT ON COLUMN sentiment_with_price.hour_stories IS 'Stories of the hour.';
COMMENT ON COLUMN sentiment_with_price.model IS 'Model of the scores.';
COMMENT ON COLUMN sentiment_with_price.market_score IS 'Sentiment of all texts of 24 hours, whoever they are about.';
COMMENT ON COLUMN sentiment_with_price.instrument_id IS 'Key of the instrument, for joins.';
