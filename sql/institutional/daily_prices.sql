-- Daily closes of a coin ($1) in dollars, of [$2, $3): of the venue that has most of them.
WITH closes AS (
    SELECT o.venue, o.symbol, o.ts, o.close, count(*) OVER (PARTITION BY o.venue, o.symbol) AS days
    FROM ohlcv AS o
    JOIN instruments AS i USING (instrument_id)
    WHERE o.timeframe = '1d' AND i.base = $1 AND i.kind = 'spot' AND i.quote IN ('USD', 'USDT', 'USDC')
        AND o.ts >= $2 AND o.ts < $3
)
SELECT DISTINCT ON (ts) ts, close
FROM closes
ORDER BY ts, days DESC, venue, symbol
