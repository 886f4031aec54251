-- After which divergences of price and volume did price turn, within 20 bars?
-- turned: whether it went the way the divergence pointed, by the close 20 bars after; return_pct: to that close, in per
-- cent. Divergences whose 20 bars are not over are left out.
-- Change: the timeframe, the window, the number of bars (also in OFFSET).
SELECT p.venue, p.symbol, p.ts, p.direction, p.strength, (l.close / b.close - 1) * 100 AS return_pct,
    (p.direction = 'bullish') = (l.close > b.close) AS turned
FROM volume_patterns AS p
JOIN ohlcv_15m AS b ON b.instrument_id = p.instrument_id AND b.ts = p.ts
CROSS JOIN LATERAL (
    SELECT close FROM ohlcv_15m AS a
    WHERE a.instrument_id = p.instrument_id AND a.ts > p.ts AND a.ts + INTERVAL '15 minutes' <= now()
    ORDER BY a.ts OFFSET 19 LIMIT 1
) AS l
WHERE p.pattern = 'divergence' AND p.timeframe = '15m' AND p.ts >= now() - 30 * INTERVAL '24 hours'
ORDER BY p.venue, p.symbol, p.ts;
