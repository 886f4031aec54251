-- Symbols that moved much more than usual within the last day, and who was asked at once.
SELECT venue, symbol, noted_at, volatility, usual, ratio, collectors, kept_waiting
FROM hurried
WHERE noted_at > clock_timestamp() - INTERVAL '24 hours'
ORDER BY noted_at DESC
LIMIT 10
