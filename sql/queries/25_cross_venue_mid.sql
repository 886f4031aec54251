-- How far apart are the venues' mid prices of Bitcoin, second by second?
-- <venue>: its last mid in that second; difference_bps: the highest over the lowest, in basis points; dearest: the
-- venue of the highest. Only proven books, and only seconds that at least two venues have.
-- Change: the symbols taken as one, the window.
WITH seconds AS (
    SELECT DISTINCT ON (venue, second) venue, date_trunc('second', ts) AS second, mid
    FROM order_book
    WHERE (venue, symbol) IN (('binance', 'BTC/USDT'), ('bybit', 'BTC/USDT'), ('coinbase', 'BTC/USD'))
        AND ts >= now() - INTERVAL '10 minutes'
        AND ts < now()
    ORDER BY venue, second, ts DESC, update_id DESC
)
SELECT second,
    max(mid) FILTER (WHERE venue = 'binance') AS binance,
    max(mid) FILTER (WHERE venue = 'bybit') AS bybit,
    max(mid) FILTER (WHERE venue = 'coinbase') AS coinbase,
    (max(mid) / min(mid) - 1) * 10000 AS difference_bps,
    (array_agg(venue ORDER BY mid DESC))[1] AS dearest
FROM seconds
GROUP BY second
HAVING count(*) >= 2
ORDER BY second;
