-- Which minutes moved most, on what volume, and did they look odd?
-- move_bps: ln(close / open) in basis points; flags: remarks on the candle (candle_remarks), null without any.
-- Change: the window, how many.
SELECT c.venue, c.symbol, c.ts, ln(c.close / c.open) * 10000 AS move_bps, c.volume, c.trades, r.flags
FROM ohlcv AS c
LEFT JOIN (
    SELECT instrument_id, ts, string_agg(DISTINCT flag, ', ' ORDER BY flag) AS flags
    FROM candle_remarks
    GROUP BY 1, 2
) AS r USING (instrument_id, ts)
WHERE c.timeframe = '1m' AND c.ts >= now() - 7 * INTERVAL '24 hours'
ORDER BY abs(ln(c.close / c.open)) DESC, c.ts
LIMIT 20;
