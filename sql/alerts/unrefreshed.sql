-- Timeframes with days that are over and whose candles did not reach them; oldest: the change that waits longest.
SELECT d.timeframe, count(*) AS days, min(d.seq) AS oldest, array_agg(DISTINCT i.venue ORDER BY i.venue) AS venues,
    min(d.day) AS first_day
FROM ohlcv_dirty AS d
JOIN timeframes AS t USING (timeframe)
JOIN instruments AS i USING (instrument_id)
WHERE bar_start(t.length, d.day::timestamp AT TIME ZONE 'UTC') + greatest(t.length, INTERVAL '24 hours') <= now()
GROUP BY d.timeframe, t.minutes
ORDER BY t.minutes
