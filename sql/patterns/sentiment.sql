-- Sentiment of 24 hours of the coins of instruments ($1; null: of all that are tracked), of hours that begin in a window ($2
-- to $3), of the main model in the version that scored most: as the view sentiment_aggregates has it, without its columns.
SELECT i.instrument_id, a.known_at, a.score
FROM instruments AS i
CROSS JOIN LATERAL (
    SELECT DISTINCT ON (s.ts) s.ts, s.known_at, s.score
    FROM sentiment_aggregate_hours AS s
    WHERE s.coin = i.base AND s.hours = 24 AND s.logic_version > 0 AND s.score IS NOT NULL AND s.ts >= $2 AND s.ts < $3
    ORDER BY s.ts, coalesce(array_position(ARRAY['linear', 'lexicon'], s.model), 0), s.model, s.logic_version DESC,
        s.stories - s.unscored DESC, s.model_version DESC
) AS a
WHERE ($1::integer[] IS NULL AND i.tracked) OR i.instrument_id = ANY($1::integer[])
ORDER BY i.instrument_id, a.ts
