-- News of a window ($1 to $2) as the memory of stories reads them, in the order in which they were seen.
SELECT text_id, ts, title, description AS body, cluster_id
FROM news_events
WHERE ts >= $1 AND ts <= $2
ORDER BY ts, cluster_id <> text_id, text_id
