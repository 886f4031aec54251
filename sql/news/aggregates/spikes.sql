-- Hours that ended lately and were far from the 7 days before, of the market and of coins of tracked symbols.
SELECT a.coin, a.ts, a.known_at, a.model, a.model_version, a.score, a.baseline_mean, a.change, a.zscore, a.stories, a.sources,
    a.positive, a.negative
FROM sentiment_aggregates AS a
WHERE a.hours = 1 AND a.is_main AND a.known_at > %(since)s AND a.known_at <= %(now)s AND abs(a.zscore) >= %(zscore)s
    AND a.stories - a.unscored >= %(stories)s AND a.sources >= %(sources)s
    AND (a.coin = 'market' OR EXISTS (SELECT FROM instruments AS i WHERE i.tracked AND i.base = a.coin))
ORDER BY a.ts, a.coin
