-- What did Bitcoin do after days of extreme fear, and after days of extreme greed, beside all days?
-- From the open two hours after the index was to be published (about 00:00 UTC): by class how many days, mean and median
-- return of the day and of the seven days after, share of rises. apart: how many of these weeks do not overlap, which is
-- how many independent ones there are at most; beyond_all: mean of the seven days minus that of all days, by its standard
-- error over so many (below 2, chance does as well). History is as it is told today: whether it was told so then is not
-- known of days that were fetched later (known_at).
-- Change: anything in asked.
WITH asked AS (
    SELECT 'binance' AS venue, 'BTC/USDT' AS symbol, 'alternative_me' AS provider, INTERVAL '2 hours' AS after,
        false AS only_known_then
), days AS (
    SELECT f.ts, f.classification, f.value, d.open AS price, d1.open / d.open - 1 AS day_return,
        d7.open / d.open - 1 AS week_return
    FROM asked AS a
    JOIN fear_greed AS f USING (provider)
    CROSS JOIN LATERAL (
        SELECT o.ts, o.open FROM ohlcv AS o
        WHERE o.venue = a.venue AND o.symbol = a.symbol AND o.timeframe = '1h' AND o.ts >= f.scheduled_at + a.after
            AND o.ts < f.scheduled_at + a.after + INTERVAL '3 hours' AND (NOT a.only_known_then OR o.ts >= f.first_known_at)
        ORDER BY o.ts LIMIT 1
    ) AS d
    LEFT JOIN LATERAL (
        SELECT o.open FROM ohlcv AS o
        WHERE o.venue = a.venue AND o.symbol = a.symbol AND o.timeframe = '1h' AND o.ts = d.ts + INTERVAL '24 hours'
    ) AS d1 ON true
    LEFT JOIN LATERAL (
        SELECT o.open FROM ohlcv AS o
        WHERE o.venue = a.venue AND o.symbol = a.symbol AND o.timeframe = '1h' AND o.ts = d.ts + INTERVAL '168 hours'
    ) AS d7 ON true
), classed AS (
    SELECT 'all days' AS days_of, * FROM days
    UNION ALL
    SELECT classification, * FROM days
    WHERE classification IN ('extreme_fear', 'extreme_greed')
), weeks AS (
    SELECT days_of, count(DISTINCT floor(extract(epoch FROM ts) / 604800)) AS apart
    FROM classed
    WHERE week_return IS NOT NULL
    GROUP BY days_of
), told AS (
    SELECT days_of, count(*) AS days, avg(value) AS value, avg(day_return) AS day_return, avg(week_return) AS week_return,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY week_return) AS median_week_return,
        avg((week_return > 0)::integer) AS rises, stddev_samp(week_return) AS deviation
    FROM classed
    GROUP BY days_of
)
SELECT t.days_of, t.days, w.apart, t.value, t.day_return, t.week_return, t.median_week_return, t.rises,
    (t.week_return - a.week_return) / nullif(t.deviation / sqrt(w.apart), 0) AS beyond_all
FROM told AS t
LEFT JOIN weeks AS w USING (days_of)
CROSS JOIN (SELECT week_return FROM told WHERE days_of = 'all days') AS a
ORDER BY t.days_of = 'all days' DESC, t.days_of;
