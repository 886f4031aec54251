-- How was the order book's imbalance in the 30 s before Bitcoin moved by 1 % within a minute?
-- ts: start of the minute; move_bps: its close over its open; snapshots: proven books in the 30 s before (none: the
-- book could not be trusted then); imbalance: their mean, -1 to 1, above 0 more bids; ofi: their order flow
-- imbalance, above 0 buying pressure, null where it is of a part only; foretold: imbalance and move have one sign.
-- Change: anything in asked; a smaller move gives more rows.
WITH asked AS (
    SELECT 'binance' AS venue, 'BTC/USDT' AS symbol, 0.01 AS move, INTERVAL '30 seconds' AS before,
        7 * INTERVAL '24 hours' AS past
), moves AS (
    SELECT c.instrument_id, c.ts, (c.close / c.open - 1) * 10000 AS move_bps
    FROM asked AS a
    JOIN ohlcv AS c ON c.venue = a.venue AND c.symbol = a.symbol AND c.timeframe = '1m' AND c.ts >= now() - a.past
    WHERE abs(c.close / c.open - 1) >= a.move
)
SELECT m.ts, m.move_bps, b.snapshots, b.imbalance, b.ofi, sign(b.imbalance) = sign(m.move_bps) AS foretold
FROM moves AS m
CROSS JOIN asked AS a
CROSS JOIN LATERAL (
    SELECT count(*) AS snapshots, avg(o.imbalance) AS imbalance,
        CASE WHEN bool_and(o.flow_complete) THEN sum(o.ofi) END AS ofi
    FROM order_book AS o
    WHERE o.instrument_id = m.instrument_id AND o.ts >= m.ts - a.before AND o.ts < m.ts
) AS b
ORDER BY m.ts;
