-- Texts of a window ($1 to $2) behind a text (ts $3, text_id $4) in the order in which they were seen; at most $5.
-- Those whose words are no longer kept are left out: what was read of them stays as it is.
SELECT t.text_id, t.ts, t.kind, t.provider, t.source, t.title, t.body, t.language, t.cluster_id
FROM texts AS t
WHERE t.ts >= $1 AND t.ts < $2 AND (t.ts, t.text_id) > ($3, $4) AND coalesce(t.title, t.body) IS NOT NULL
ORDER BY t.ts, t.text_id
LIMIT $5
