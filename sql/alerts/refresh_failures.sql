-- Days that timeframes cannot be built from, by venue.
SELECT i.venue, count(*) AS days, array_agg(DISTINCT i.symbol ORDER BY i.symbol) AS symbols,
    array_agg(DISTINCT f.timeframe) AS timeframes, min(f.day) AS first_day,
    (array_agg(f.error ORDER BY f.failed_at DESC))[1] AS error
FROM days_not_refreshed() AS f
JOIN instruments AS i USING (instrument_id)
GROUP BY i.venue
ORDER BY i.venue
