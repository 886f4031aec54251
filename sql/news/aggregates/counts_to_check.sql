-- Rows of a window ($1 to $2) with what their counts should be less what they are, and how far from the future they are.
SELECT coin, ts, hours, model,
    positive + negative + neutral + unscored - stories AS stories_amiss,
    news + social - texts AS texts_amiss,
    greatest(stories - texts, 0) + greatest(sources - texts, 0) AS more_than_texts,
    extract(EPOCH FROM known_at - ts)::double precision - 3600 AS off_close,
    CASE WHEN known_at > created_at + INTERVAL '10 seconds' THEN 1 ELSE 0 END AS from_the_future,
    CASE WHEN (score IS NULL) <> (stories = unscored) THEN 1 ELSE 0 END AS score_amiss
FROM sentiment_aggregate_hours WHERE ts >= $1 AND ts < $2
