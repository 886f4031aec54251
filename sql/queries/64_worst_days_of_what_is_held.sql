-- What would the worst days of the past year do to what I hold now?
-- gain: in dollars, of all positions together (stablecoins count as dollars), had the day come again; rank 1 is the worst. The
-- gain of rank 13 of 250 days is the value at risk of 95 %. Only days on which every position has a return.
-- Change: the window, how many days.
WITH held AS (
    SELECT p.instrument_id, p.symbol, sum(CASE p.side WHEN 'long' THEN 1 ELSE -1 END * CASE
            WHEN p.size_unit = 'base' THEN p.size * m.price
            WHEN p.settle = p.base THEN p.size * p.contract_size
            ELSE p.size * p.contract_size * m.price
        END) AS exposure
    FROM positions_at(now()) AS p
    CROSS JOIN LATERAL price_at(p.instrument_id, now()) AS m
    GROUP BY 1, 2
), returns AS (
    SELECT instrument_id, ts,
        CASE WHEN ts - lag(ts) OVER days = INTERVAL '24 hours' THEN close / lag(close) OVER days - 1 END AS r
    FROM ohlcv
    WHERE timeframe = '1d' AND ts >= now() - 367 * INTERVAL '24 hours' AND ts <= now() - INTERVAL '24 hours'
        AND instrument_id IN (SELECT instrument_id FROM held)
    WINDOW days AS (PARTITION BY instrument_id ORDER BY ts)
)
SELECT rank() OVER (ORDER BY sum(h.exposure * r.r)) AS rank, r.ts AS day, count(*) OVER () AS days,
    sum(h.exposure * r.r) AS gain, jsonb_object_agg(h.symbol, h.exposure * r.r) AS by_symbol
FROM returns AS r
JOIN held AS h USING (instrument_id)
WHERE r.r IS NOT NULL
GROUP BY r.ts
HAVING count(*) = (SELECT count(*) FROM held)
ORDER BY gain
LIMIT 15;
