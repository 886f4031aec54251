-- How many hammers and hanging men come after the move that textbooks want, and how many after the other one?
-- A hammer is one after a fall, a hanging man after a rise; TA-Lib does not look. textbook: after a move of at least an ATR
-- their way over the ten bars before; against: after one of at least an ATR the other way; share: of all whose move is known.
-- Change: the symbol, the patterns, the ATR, the window.
SELECT timeframe, pattern, count(move_before_atr) AS n,
    count(*) FILTER (WHERE wanted * move_before_atr >= 1) AS textbook,
    count(*) FILTER (WHERE wanted * move_before_atr <= -1) AS against,
    count(*) FILTER (WHERE wanted * move_before_atr >= 1)::double precision / nullif(count(move_before_atr), 0) AS share
FROM candlestick_patterns
CROSS JOIN LATERAL (SELECT CASE direction WHEN 'bullish' THEN -1 ELSE 1 END AS wanted) AS w
WHERE venue = 'binance' AND symbol = 'BTC/USDT' AND pattern IN ('hammer', 'hanging_man')
    AND known_at <= now() AND ts >= now() - INTERVAL '30 days'
GROUP BY 1, 2
ORDER BY 1, 2;
