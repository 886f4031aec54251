-- How long after its close is a live candle here?
-- candles: live candles behind the figures; p50, p95, p99, worst: seconds from the close until it was stored.
-- Change: the window.
SELECT venue, source, count(*) AS candles,
    percentile_cont(0.50) WITHIN GROUP (ORDER BY seconds_after_close) AS p50,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds_after_close) AS p95,
    percentile_cont(0.99) WITHIN GROUP (ORDER BY seconds_after_close) AS p99,
    max(seconds_after_close) AS worst
FROM ingest_latency
WHERE ts >= now() - 7 * INTERVAL '24 hours'
GROUP BY venue, source
ORDER BY venue, source;
