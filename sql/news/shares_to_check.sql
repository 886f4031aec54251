-- Of the texts of a window ($1 to $2) that were read: how many are in a supported language, have a score, are about a coin.
SELECT count(*) AS texts, count(*) FILTER (WHERE coalesce(t.language, 'en') = 'en') AS english,
    count(*) FILTER (WHERE EXISTS (
        SELECT FROM text_scores AS s WHERE s.text_id = t.text_id AND s.score IS NOT NULL
    )) AS scored,
    count(*) FILTER (WHERE EXISTS (SELECT FROM text_links AS l WHERE l.text_id = t.text_id)) AS linked
FROM texts AS t
JOIN texts_read AS r USING (text_id)
WHERE t.ts >= $1 AND t.ts < $2
