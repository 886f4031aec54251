-- Does the order flow imbalance of a minute foretell the return of the next?
-- minutes: whole minutes behind the figures; same_minute, next_minute: correlation of the order flow imbalance with
-- the return (log close over open) of its own minute and of the one after it. The first is large as a rule, the
-- second small; with few minutes neither says anything.
-- Change: the window.
WITH flow AS (
    SELECT instrument_id, venue, symbol, date_trunc('minute', ts) AS ts, sum(ofi) AS ofi
    FROM order_book
    WHERE ts >= date_trunc('minute', now()) - INTERVAL '24 hours'
    GROUP BY 1, 2, 3, 4
    HAVING bool_and(flow_complete)
), returns AS (
    SELECT instrument_id, ts, ln(close / open) AS r
    FROM ohlcv
    WHERE timeframe = '1m' AND ts >= date_trunc('minute', now()) - INTERVAL '24 hours'
)
SELECT f.venue, f.symbol, count(*) AS minutes, corr(f.ofi, s.r) AS same_minute, corr(f.ofi, n.r) AS next_minute
FROM flow AS f
JOIN returns AS s ON s.instrument_id = f.instrument_id AND s.ts = f.ts
JOIN returns AS n ON n.instrument_id = f.instrument_id AND n.ts = f.ts + INTERVAL '1 minute'
GROUP BY f.venue, f.symbol
ORDER BY f.venue, f.symbol;
