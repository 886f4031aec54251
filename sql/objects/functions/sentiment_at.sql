-- One row at most, of the main model. What is older than a day is no mood any more.
CREATE OR REPLACE FUNCTION sentiment_at(p_coin text, p_at timestamptz)
RETURNS TABLE (
    sentiment_known_at timestamptz, model text, score double precision, zscore double precision,
    disagreement double precision, stories integer, sources integer
)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT a.known_at, a.model, a.score, a.zscore, a.disagreement, a.stories, a.sources
    FROM sentiment_aggregates AS a
    WHERE a.coin = p_coin AND a.hours = 24 AND a.is_main AND a.score IS NOT NULL
        AND a.ts <= p_at - INTERVAL '1 hour' AND a.ts > p_at - INTERVAL '25 hours'
    ORDER BY a.ts DESC
    LIMIT 1
$$;
COMMENT ON FUNCTION sentiment_at(text, timestamptz) IS
    'Sentiment of a coin (or market) over 24 hours as it was known at a moment: of the last whole hour that has one, not older than a day; no row where none is known.';
