-- Texts of a window as linking and scoring read them, in the order in which they were seen.
SELECT t.text_id, t.ts, t.kind, t.provider, t.source, t.title, t.body, t.language, t.cluster_id
FROM texts AS t
WHERE t.ts >= %(start)s AND t.ts < %(end)s
ORDER BY t.ts, t.text_id
