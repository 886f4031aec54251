-- Which chart patterns are forming, and how far is each now?
-- completion: per cent when its pivots were known; level_now: the line that would break, the nearer one where either may;
-- atr_to_level: from the newest close to it, in ATR; below 0: closed beyond it, not confirmed yet.
-- Change: the venue, the timeframes.
SELECT c.symbol, c.timeframe, c.pattern, c.direction, c.known_at, c.completion, b.close, l.level_now,
    l.way * (l.level_now - b.close) / c.atr AS atr_to_level, (c.detail ->> 'expires')::timestamptz AS waits_until
FROM chart_patterns_open AS c
CROSS JOIN LATERAL (
    SELECT ts, close FROM bars
    WHERE instrument_id = c.instrument_id AND timeframe_id = c.timeframe_id AND ts < now()
    ORDER BY ts DESC LIMIT 1
) AS b
CROSS JOIN LATERAL (
    SELECT line_at(c.lines -> 'upper', b.ts) AS upper, line_at(c.lines -> 'lower', b.ts) AS lower
) AS lines
CROSS JOIN LATERAL (
    SELECT CASE WHEN w.way > 0 THEN lines.upper ELSE lines.lower END AS level_now, w.way
    FROM (
        SELECT CASE c.direction WHEN 'bullish' THEN 1 WHEN 'bearish' THEN -1
            ELSE CASE WHEN lines.upper - b.close <= b.close - lines.lower THEN 1 ELSE -1 END END AS way
    ) AS w
) AS l
WHERE c.stage = 'forming' AND c.venue = 'binance' AND c.timeframe IN ('5m', '15m', '1h')
ORDER BY c.symbol, c.timeframe, c.known_at, c.pattern;
