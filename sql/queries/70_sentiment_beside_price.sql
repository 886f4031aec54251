-- What was said of a symbol's coin, hour by hour, beside its price?
-- score: of the 24 hours until the end of the hour, -1 to 1; zscore: how far that is from the week before, in standard
-- deviations; hour_score: of the hour alone, null where nothing was said; stories: of the 24 hours. next_return: log return
-- of the next hour, which opened when all of the row was known; null while it is not over.
-- Change: the venue, the symbol, the window.
SELECT ts, close, log_return, volatility, score, zscore, disagreement, stories, hour_score, hour_stories, model,
    CASE WHEN lead(ts) OVER w = ts + INTERVAL '1 hour' THEN lead(log_return) OVER w END AS next_return
FROM sentiment_with_price
WHERE venue = 'binance' AND symbol = 'BTC/USDT' AND ts >= now() - INTERVAL '168 hours' AND known_at <= now()
WINDOW w AS (ORDER BY ts)
ORDER BY ts;
