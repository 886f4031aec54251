-- Closed bars that were not looked at and patterns without a bar, of symbols of these venues ($1) in a window ($2 to $3),
-- in version $4 of data set $5. A bar that closed less than an hour ago may not have been looked at yet.
SELECT i.venue || ' ' || i.symbol AS symbol, t.timeframe, count(f.bar) AS bars,
    count(*) FILTER (WHERE f.bar IS NOT NULL AND NOT w.windows @> f.bar
        AND (f.bar < upper(w.windows) OR f.bar + t.length < now() - INTERVAL '1 hour')) AS without_row,
    count(*) FILTER (WHERE f.bar IS NULL) AS without_bar
FROM derived_windows AS w
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
CROSS JOIN LATERAL (
    SELECT b.ts AS bar, v.ts AS seen
    FROM (
        SELECT ts FROM bars AS a
        WHERE a.instrument_id = w.instrument_id AND a.timeframe_id = w.timeframe_id AND a.ts >= $2 AND a.ts < $3
    ) AS b
    FULL JOIN (
        SELECT DISTINCT ts FROM {table} AS c
        WHERE c.instrument_id = w.instrument_id AND c.timeframe_id = w.timeframe_id AND c.logic_version = w.logic_version
            AND c.ts >= $2 AND c.ts < $3
    ) AS v USING (ts)
) AS f
WHERE w.dataset = $5 AND w.logic_version = $4 AND i.venue = ANY ($1)
GROUP BY 1, 2
