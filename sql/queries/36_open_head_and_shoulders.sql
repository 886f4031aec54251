-- Which head and shoulders are open, upright or inverse, and what do they promise?
-- promised_pct: from the newest close to the target; risk_pct: from it to where the pattern is wrong.
-- Change: the patterns, the timeframes.
SELECT c.venue, c.symbol, c.timeframe, c.pattern, c.stage, c.known_at, c.breakout_level, c.target, c.invalidation,
    c.quality, 100 * (c.target / b.close - 1) AS promised_pct, 100 * (c.invalidation / b.close - 1) AS risk_pct
FROM chart_patterns_open AS c
CROSS JOIN LATERAL (
    SELECT close FROM bars
    WHERE instrument_id = c.instrument_id AND timeframe_id = c.timeframe_id AND ts < now()
    ORDER BY ts DESC LIMIT 1
) AS b
WHERE c.pattern IN ('head_and_shoulders', 'inverse_head_and_shoulders') AND c.known_at <= now()
ORDER BY c.venue, c.symbol, c.timeframe, c.known_at;
