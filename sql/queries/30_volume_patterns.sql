-- Which strong volume patterns were seen, and what stood behind them?
-- kind: such as 5x of a spike or up of a breakout; volume_ratio: over the mean of the 20 bars before; confidence: how
-- clearly the definition is met, no probability of anything.
-- Change: the symbol, the patterns, the strengths, the timeframe, the window.
SELECT ts, known_at, pattern, direction, strength, confidence, volume_ratio, price_change, detail ->> 'kind' AS kind
FROM volume_patterns
WHERE venue = 'binance' AND symbol = 'BTC/USDT' AND timeframe = '5m'
    AND pattern IN ('spike', 'climax', 'breakout') AND strength IN ('strong', 'extreme')
    AND known_at <= now() AND ts >= now() - INTERVAL '72 hours'
ORDER BY ts, pattern;
