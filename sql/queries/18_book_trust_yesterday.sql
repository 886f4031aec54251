-- When could Bitcoin's order book be trusted yesterday?
-- One row per stretch, cut at midnight UTC: only synced ones can be trusted; began_with, ended_with: why; share: of
-- the whole day, the part in which the book was synced. What is in no stretch: nobody kept the book.
-- Change: the symbols, the day (twice).
WITH day AS (
    SELECT date_trunc('day', now(), 'UTC') - INTERVAL '24 hours' AS start, date_trunc('day', now(), 'UTC') AS until
), stretches AS (
    SELECT t.venue, t.symbol, greatest(t.valid_from, d.start) AS valid_from,
        least(coalesce(t.valid_until, now()), d.until) AS valid_until, t.state, t.began_with, t.ended_with
    FROM order_book_trust AS t
    CROSS JOIN day AS d
    WHERE t.symbol IN ('BTC/USDT', 'BTC/USD', 'BTC/USDT:USDT')
        AND t.valid_from < d.until
        AND (t.valid_until > d.start OR t.valid_until IS NULL)
)
SELECT venue, symbol, valid_from, valid_until, state, began_with, ended_with,
    extract(epoch FROM valid_until - valid_from)::double precision AS seconds,
    coalesce(sum(extract(epoch FROM valid_until - valid_from)) FILTER (WHERE state = 'synced')
        OVER (PARTITION BY venue, symbol), 0)::double precision / 86400 AS share
FROM stretches
ORDER BY venue, symbol, valid_from;
