-- The newest row of each tracked instrument that is not older than ten bars (or a day): by key, one after the other.
SELECT v.*
FROM timeframes AS t
CROSS JOIN instruments AS i
CROSS JOIN LATERAL (
    SELECT * FROM indicators AS n
    WHERE n.instrument_id = i.instrument_id AND n.timeframe_id = t.timeframe_id
        AND n.ts >= now() - greatest(10 * t.length, INTERVAL '24 hours')
    ORDER BY n.ts DESC LIMIT 1
) AS v
WHERE t.timeframe = {timeframe}::text AND i.tracked
    AND ({instruments}::integer[] IS NULL OR i.instrument_id = ANY ({instruments}::integer[]))
