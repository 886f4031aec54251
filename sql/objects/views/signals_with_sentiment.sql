CREATE OR REPLACE VIEW signals_with_sentiment AS
SELECT
    s.venue, s.symbol, s.timeframe, s.ts, s.known_at, s.signal, s.score, s.confidence, s.entry, s.stop, s.target, s.expires_at,
    s.instrument_id, i.base AS coin, m.sentiment_known_at, m.model AS sentiment_model, m.score AS sentiment,
    m.zscore AS sentiment_zscore, m.disagreement, m.stories, m.sources, a.score AS market_sentiment
FROM signals AS s
JOIN instruments AS i USING (instrument_id)
LEFT JOIN LATERAL sentiment_at(i.base, s.known_at) AS m ON true
LEFT JOIN LATERAL sentiment_at('market', s.known_at) AS a ON true;
COMMENT ON VIEW signals_with_sentiment IS 'Signals beside the sentiment that was known at the close of their bar, at most a day old; null where none was. Confidence rests on it as it was two hours before, by when late scores have come (docs/signals.md).';
COMMENT ON COLUMN signals_with_sentiment.venue IS 'Venue.';
COMMENT ON COLUMN signals_with_sentiment.symbol IS 'Unified symbol.';
COMMENT ON COLUMN signals_with_sentiment.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN signals_with_sentiment.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN signals_with_sentiment.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN signals_with_sentiment.signal IS 'strong_buy, buy, weak_buy, neutral, weak_sell, sell or strong_sell.';
COMMENT ON COLUMN signals_with_sentiment.score IS 'net times confidence, -100 to 100; below 0 sells.';
COMMENT ON COLUMN signals_with_sentiment.confidence IS 'Mean confidence of the winning patterns, 0 to 100; null where no side wins.';
COMMENT ON COLUMN signals_with_sentiment.entry IS 'Close of the bar, in quote units.';
COMMENT ON COLUMN signals_with_sentiment.stop IS 'Price at which it is wrong; null of neutral signals.';
COMMENT ON COLUMN signals_with_sentiment.target IS 'Price it aims at; null of neutral signals.';
COMMENT ON COLUMN signals_with_sentiment.expires_at IS 'When it is over; null of neutral signals.';
COMMENT ON COLUMN signals_with_sentiment.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN signals_with_sentiment.coin IS 'Base of the symbol, whose sentiment it is.';
COMMENT ON COLUMN signals_with_sentiment.sentiment_known_at IS 'Since when the sentiment was known; null where none was.';
COMMENT ON COLUMN signals_with_sentiment.sentiment_model IS 'Model of it.';
COMMENT ON COLUMN signals_with_sentiment.sentiment IS 'Weighted mean of the stories of 24 hours, -1 to 1.';
COMMENT ON COLUMN signals_with_sentiment.sentiment_zscore IS 'The same against the 7 days before, in standard deviations.';
COMMENT ON COLUMN signals_with_sentiment.disagreement IS '0: all stories that take a side take the same; 1: half against half.';
COMMENT ON COLUMN signals_with_sentiment.stories IS 'Stories it rests on.';
COMMENT ON COLUMN signals_with_sentiment.sources IS 'Sources that told them.';
COMMENT ON COLUMN signals_with_sentiment.market_sentiment IS 'The same of all texts, whoever they are about.';
