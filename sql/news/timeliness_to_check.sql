-- News of a window ($1 to $2) with a time of publication that is believed, and that were published after their outlet was
-- first heard of (what a feed held before we looked came late by itself): how many, how many were seen within $3.
SELECT count(*)::integer AS texts, count(*) FILTER (WHERE n.ts - n.published <= $3::interval)::integer AS timely,
    coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(EPOCH FROM n.ts - n.published)), 0)::double precision
    AS median_seconds
FROM news_events AS n
JOIN (SELECT source, min(ts) AS ts FROM news_events GROUP BY source) AS first USING (source)
WHERE n.ts >= $1 AND n.ts < $2 AND n.published > first.ts
