-- What did Bitcoin do in the week after stablecoins were issued, or redeemed?
-- One day in seven, so that no return is counted twice. By thirds of what was issued in the seven days before (share of
-- the supply): how many weeks, what was issued, mean return of the seven days from when it was known, share of rises.
-- correlation: of issued share and return over all weeks; below some hundred weeks it says little.
-- Change: anything in asked; the day of the week.
WITH asked AS (
    SELECT 'binance' AS venue, 'BTC/USDT' AS symbol, 'all' AS stablecoin, 'defillama' AS provider, 7 AS isodow
), weeks AS (
    SELECT i.day_end, i.known_at, i.net_issuance_week_usd AS issued,
        i.net_issuance_week_usd / (i.supply_end_usd - i.net_issuance_week_usd) AS issued_share, p.open AS price,
        l.open / p.open - 1 AS week_return
    FROM asked AS a
    JOIN stablecoin_issuance AS i USING (provider, stablecoin)
    CROSS JOIN LATERAL (
        SELECT o.ts, o.open FROM ohlcv AS o
        WHERE o.venue = a.venue AND o.symbol = a.symbol AND o.timeframe = '1h' AND o.ts >= i.known_at
            AND o.ts < i.known_at + INTERVAL '6 hours'
        ORDER BY o.ts LIMIT 1
    ) AS p
    CROSS JOIN LATERAL (
        SELECT o.open FROM ohlcv AS o
        WHERE o.venue = a.venue AND o.symbol = a.symbol AND o.timeframe = '1h' AND o.ts >= p.ts + INTERVAL '168 hours'
            AND o.ts < p.ts + INTERVAL '174 hours'
        ORDER BY o.ts LIMIT 1
    ) AS l
    WHERE i.net_issuance_week_usd IS NOT NULL AND i.known_at <= now()
        AND extract(isodow FROM i.day_end AT TIME ZONE 'UTC') = a.isodow
), thirds AS (
    SELECT *, ntile(3) OVER (ORDER BY issued_share) AS third, corr(week_return, issued_share) OVER () AS correlation
    FROM weeks
)
SELECT third, count(*) AS weeks, avg(issued) AS issued_usd, avg(issued_share) AS issued_share, avg(week_return) AS week_return,
    avg((week_return > 0)::integer) AS rises, min(correlation) AS correlation
FROM thirds
GROUP BY third
ORDER BY third;
