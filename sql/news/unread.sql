-- Texts of a window ($1 to $2) that were not read in this way ($3), the newest first; at most $4.
SELECT t.text_id, t.ts, t.kind, t.provider, t.source, t.title, t.body, t.language, t.cluster_id
FROM texts AS t
WHERE t.ts >= $1 AND t.ts < $2 AND coalesce(t.title, t.body) IS NOT NULL
    AND NOT EXISTS (SELECT FROM texts_read AS r WHERE r.text_id = t.text_id AND r.reading = $3)
ORDER BY t.ts DESC, t.text_id
LIMIT $4
