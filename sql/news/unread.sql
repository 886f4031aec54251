-- Texts of a window ($1 to $2) that were not read in this way ($3): first those that were not read at all, the newest
-- first; at most $4.
SELECT t.text_id, t.ts, t.kind, t.provider, t.source, t.title, t.body, t.language, t.cluster_id
FROM texts AS t
LEFT JOIN texts_read AS r USING (text_id)
WHERE t.ts >= $1 AND t.ts < $2 AND coalesce(t.title, t.body) IS NOT NULL AND r.reading IS DISTINCT FROM $3
ORDER BY r.text_id IS NULL DESC, t.ts DESC, t.text_id
LIMIT $4
