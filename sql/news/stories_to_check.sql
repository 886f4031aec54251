-- News of a window ($1 to $2): how many there are, how many are copies, and those whose story cannot be theirs: without a
-- first text, with one that was seen later or longer than $3 before.
SELECT count(*)::integer AS texts, count(DISTINCT n.cluster_id)::integer AS stories,
    count(*) FILTER (WHERE n.cluster_id <> n.text_id)::integer AS copies,
    count(*) FILTER (WHERE f.text_id IS NULL)::integer AS without_first,
    count(*) FILTER (WHERE f.ts > n.ts OR f.ts < n.ts - $3::interval)::integer AS out_of_time
FROM news_events AS n
LEFT JOIN news_events AS f ON f.text_id = n.cluster_id
WHERE n.ts >= $1 AND n.ts < $2
