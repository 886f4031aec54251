-- What texts of the last day say of each tracked symbol's coin.
SELECT venue, symbol, coin, known_at, model, score, change_24h, zscore, disagreement, texts_24h, stories_24h,
    sources_24h, newest_text_at, market_score
FROM sentiment_now
WHERE (venue = %(venue)s OR %(venue)s = '*') AND (symbol = %(symbol)s OR %(symbol)s = '*')
