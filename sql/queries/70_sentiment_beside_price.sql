-- What was said of a symbol's coin, hour by hour, beside its price?
-- score: of the 24 hours until the end of the hour, -1 to 1; zscore: how far that is from the week before, in standard
-- deviations; hour_score: of the hour alone, null where nothing was said; stories: of the 24 hours. next_return: log return
-- of the next hour, which opened when all of the row was known; null while it is not over.
-- Change: the venue, the symbol, the window.
SELECT s.ts, s.close, s.log_return, s.volatility, s.score, s.zscore, s.disagreement, s.stories, s.hour_score, s.hour_stories,
    s.model, n.log_return AS next_return
FROM sentiment_with_price AS s
LEFT JOIN sentiment_with_price AS n ON n.instrument_id = s.instrument_id AND n.ts = s.ts + INTERVAL '1 hour'
    AND n.known_at <= now()
WHERE s.venue = 'binance' AND s.symbol = 'BTC/USDT' AND s.ts >= now() - INTERVAL '168 hours' AND s.known_at <= now()
ORDER BY s.ts;
