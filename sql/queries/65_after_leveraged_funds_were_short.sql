-- What did Bitcoin do in the week after leveraged funds were at their most short in a year?
-- Positions on CME of all contracts of the coin, as first told; a week counts from its release (known_at), not from the
-- Tuesday it is about (ts). rank: place of the net position among the weeks before and this one, 1 the most short of
-- weeks; price: open of the first hour after the release; week_return: until seven days later; usual_return: the mean of
-- all weeks that have one, for comparison. Much of these shorts is hedged: funds hold coins against them.
-- Change: anything in asked; rank in the last line.
WITH asked AS (
    SELECT 'binance' AS venue, 'BTC/USDT' AS symbol, 'BTC' AS base, 'leveraged' AS trader_group, 52 AS window_weeks
), weeks AS (
    SELECT p.ts, max(p.known_at) AS known_at, sum((p.long_contracts - p.short_contracts) * c.contract_size) AS net
    FROM asked AS a
    JOIN institutional_contracts AS c USING (base)
    JOIN institutional_positions AS p ON p.contract = c.contract AND p.trader_group = a.trader_group
    WHERE p.report = 'futures' AND p.revision = 0 AND p.known_at <= now()
    GROUP BY p.ts
), ranked AS (
    SELECT w.ts, w.known_at, w.net, past.weeks, past.rank
    FROM weeks AS w
    CROSS JOIN asked AS a
    CROSS JOIN LATERAL (
        SELECT count(*) AS weeks, count(*) FILTER (WHERE b.net < w.net) + 1 AS rank
        FROM (
            SELECT e.net FROM weeks AS e WHERE e.ts <= w.ts AND e.known_at <= w.known_at ORDER BY e.ts DESC LIMIT a.window_weeks
        ) AS b
    ) AS past
), priced AS (
    SELECT r.*, first.open AS price, later.open / first.open - 1 AS week_return
    FROM ranked AS r
    CROSS JOIN asked AS a
    LEFT JOIN LATERAL (
        SELECT o.open FROM ohlcv AS o
        WHERE o.venue = a.venue AND o.symbol = a.symbol AND o.timeframe = '1h' AND o.ts >= r.known_at
            AND o.ts < r.known_at + INTERVAL '6 hours'
        ORDER BY o.ts LIMIT 1
    ) AS first ON true
    LEFT JOIN LATERAL (
        SELECT o.open FROM ohlcv AS o
        WHERE o.venue = a.venue AND o.symbol = a.symbol AND o.timeframe = '1h' AND o.ts >= r.known_at + INTERVAL '168 hours'
            AND o.ts < r.known_at + INTERVAL '174 hours'
        ORDER BY o.ts LIMIT 1
    ) AS later ON true
), compared AS (
    SELECT *, avg(week_return) OVER () AS usual_return FROM priced
)
SELECT ts, known_at, net, rank, weeks, price, week_return, usual_return
FROM compared
WHERE rank = 1 AND weeks > 1
ORDER BY ts;
