-- Days that wait for a refresh of a timeframe.
SELECT d.timeframe, count(*) AS days, count(DISTINCT d.instrument_id) AS symbols
FROM ohlcv_dirty AS d
JOIN timeframes AS t USING (timeframe)
GROUP BY d.timeframe, t.minutes
ORDER BY t.minutes
