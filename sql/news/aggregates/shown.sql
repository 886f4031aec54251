-- Coins of tracked symbols that were most spoken of in a window ($1 to $2), the first $3, with the symbol of theirs to show:
-- the first quoted in dollars, Binance's before others'.
SELECT c.coin, s.instrument_id, s.venue, s.symbol
FROM (
    SELECT a.coin, sum(a.texts) AS texts FROM sentiment_aggregates AS a
    WHERE a.hours = 1 AND a.is_main AND a.ts >= $1 AND a.ts < $2 AND a.coin <> 'market'
    GROUP BY a.coin
) AS c
JOIN LATERAL (
    SELECT i.instrument_id, i.venue, i.symbol FROM instruments AS i
    WHERE i.tracked AND i.base = c.coin
    ORDER BY (i.quote IN ('USDT', 'USDC', 'USD')) DESC, (i.venue = 'binance') DESC, i.instrument_id LIMIT 1
) AS s ON true
ORDER BY c.texts DESC, c.coin LIMIT $3
