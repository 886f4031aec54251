-- Scores of the tracked symbols of some venues ($1) over days ($2 to $3); unscored is 1 where a fetched day has none.
SELECT c.venue, c.symbol, c.day, q.score, q.completeness, q.explained, q.validity, q.consistency, q.timeliness,
    q.agreement, coalesce(q.coverage_of_score, 0) AS coverage_of_score, coalesce(q.expected, 0) AS expected,
    coalesce(q.present, 0) AS present, (q.instrument_id IS NULL)::integer AS unscored
FROM candle_coverage AS c
JOIN instruments AS i USING (instrument_id)
LEFT JOIN quality_scores AS q ON q.instrument_id = c.instrument_id AND q.day = c.day
WHERE i.tracked AND i.problem IS NULL AND c.venue = ANY ($1::text[]) AND c.day BETWEEN $2 AND $3
    AND c.expected > 0 AND c.status = 'complete'
