-- Days whose candles changed more than a minute's refresh ago and did not reach a timeframe that has closed.
SELECT min(d.day) AS first_day, max(d.day) AS last_day, array_agg(DISTINCT i.venue) AS venues
FROM ohlcv_dirty AS d
JOIN timeframes AS t USING (timeframe)
JOIN instruments AS i USING (instrument_id)
WHERE bar_start(t.length, d.day::timestamp AT TIME ZONE 'UTC') + greatest(t.length, INTERVAL '24 hours') <= now()
    -- a day that failed lately is left alone until its candles change or its next attempt is due (refresh_failures)
    AND NOT EXISTS (
        SELECT FROM ohlcv_dirty AS f
        WHERE f.instrument_id = d.instrument_id AND f.day = d.day AND is_refresh_held(f))
