-- Sources of news that are to be asked, and what is wrong with them: no answer, or nothing new for long.
SELECT collector, coalesce(error, 'no answer for more than a day') AS why
FROM collectors
WHERE 'news_events' = ANY(datasets) AND off_because IS NULL
    AND coalesce(answered_at, declared_at) < clock_timestamp() - INTERVAL '24 hours'
UNION ALL
SELECT c.collector, m.why
FROM collectors AS c
CROSS JOIN LATERAL jsonb_each_text(c.missing) AS m (source, why)
WHERE 'news_events' = ANY(c.datasets) AND c.off_because IS NULL
    AND c.answered_at >= clock_timestamp() - INTERVAL '24 hours' AND m.why LIKE 'it answers, and has brought nothing new%'
ORDER BY 1
