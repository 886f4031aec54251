-- Which patterns were overridden by those of a higher timeframe, and by which?
-- A row per timeframe that was overridden at a close, with the pattern that led it and the highest pattern against it;
-- standing: how long that one had been known.
-- Change: the symbol, the window.
SELECT DISTINCT ON (c.known_at, c.timeframe) c.known_at, c.timeframe, c.pattern, c.direction, r.other_timeframe,
    r.other_pattern, r.other_direction, c.known_at - r.other_known_at AS standing
FROM pattern_confluence AS c
JOIN timeframes AS t ON t.timeframe = c.timeframe
JOIN pattern_relationships AS r ON r.instrument_id = c.instrument_id AND r.timeframe_id = t.timeframe_id AND r.ts = c.ts
    AND r.logic_version = c.logic_version AND r.configuration_version = c.configuration_version
JOIN timeframes AS o ON o.timeframe = r.other_timeframe
WHERE c.venue = 'bybit' AND c.symbol = 'BTC/USDT' AND r.overrides
    AND c.known_at <= now() AND c.ts >= now() - INTERVAL '24 hours'
ORDER BY c.known_at, c.timeframe, o.length DESC;
