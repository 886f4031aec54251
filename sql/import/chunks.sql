-- What an import wrote, by instrument and timeframe.
SELECT c.instrument_id, c.timeframe_id, t.timeframe, t.length, min(c.first_ts) AS first_ts, max(c.last_ts) AS last_ts,
    sum(c.inserted + c.changed)::bigint AS written
FROM import_chunks AS c
JOIN timeframes AS t USING (timeframe_id)
WHERE c.import_id = %(import_id)s
GROUP BY c.instrument_id, c.timeframe_id, t.timeframe, t.length
ORDER BY c.instrument_id, c.timeframe_id
