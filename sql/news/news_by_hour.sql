-- News of a window ($1 to $2) by hour and outlet, and how many of them are copies.
SELECT date_trunc('hour', ts, 'UTC') AS ts, source, count(*)::integer AS texts,
    count(*) FILTER (WHERE cluster_id <> text_id)::integer AS copies
FROM news_events
WHERE ts >= $1 AND ts < $2
GROUP BY 1, 2
ORDER BY 1, 2
