-- Texts of a window ($1 to $2), news and posts, that a new post may be a copy of, in the order in which they were seen.
SELECT text_id, ts, title, body, cluster_id
FROM texts
WHERE ts >= $1 AND ts <= $2 AND coalesce(title, body) IS NOT NULL
ORDER BY ts, cluster_id <> text_id, text_id
