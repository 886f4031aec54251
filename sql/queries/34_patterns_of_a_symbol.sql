-- Which reversal patterns did a symbol show, in which order?
-- strength: TA-Lib's number, below 0 where it says bearish; unbroken: no bar is missing among the pattern's candles.
-- Change: the symbol, the timeframe, the patterns, the window.
SELECT ts, known_at, pattern, direction, strength, candles, began_at, unbroken
FROM candlestick_patterns
WHERE venue = 'binance' AND symbol = 'BTC/USDT' AND timeframe = '1h'
    AND pattern IN ('hammer', 'hanging_man', 'engulfing', 'harami')
    AND known_at <= now() AND ts >= now() - INTERVAL '72 hours'
ORDER BY ts, pattern;
