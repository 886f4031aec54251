CREATE OR REPLACE VIEW sentiment_aggregates AS
SELECT
    v.coin, v.ts, v.known_at, v.hours, v.model, v.model_version, v.score, v.dispersion, v.disagreement, v.effective_stories,
    v.texts, v.stories, v.sources, v.news, v.social, v.positive, v.negative, v.neutral, v.unscored, v.baseline_hours,
    v.baseline_mean, v.change, v.zscore,
    NOT EXISTS (
        SELECT FROM sentiment_aggregate_hours AS m
        WHERE m.coin = v.coin AND m.ts = v.ts AND m.hours = v.hours AND m.logic_version > 0 AND m.score IS NOT NULL
            AND (coalesce(array_position(ARRAY['minilm', 'linear', 'lexicon'], m.model), 0), m.model)
            < (coalesce(array_position(ARRAY['minilm', 'linear', 'lexicon'], v.model), 0), v.model)
    ) AS is_main,
    v.logic_version, v.created_at
FROM sentiment_aggregate_hours AS v
WHERE v.logic_version > 0
    AND NOT EXISTS (
        SELECT FROM sentiment_aggregate_hours AS n
        WHERE n.coin = v.coin AND n.ts = v.ts AND n.hours = v.hours AND n.model = v.model
            AND (n.logic_version, n.stories - n.unscored, n.model_version)
            > (v.logic_version, v.stories - v.unscored, v.model_version)
    );
COMMENT ON VIEW sentiment_aggregates IS 'What all texts about a coin, or about the market, said in the hour and in the 24 hours until its end: of each model in the version that scored most of them. Without texts there is no row.';
COMMENT ON COLUMN sentiment_aggregates.coin IS 'Currency as in instruments.base; market: all texts, whoever they are about.';
COMMENT ON COLUMN sentiment_aggregates.ts IS 'Beginning of the hour at whose end the window ends.';
COMMENT ON COLUMN sentiment_aggregates.known_at IS 'When it could first be known: the end of the hour.';
COMMENT ON COLUMN sentiment_aggregates.hours IS 'Length of the window: 1 or 24 hours.';
COMMENT ON COLUMN sentiment_aggregates.model IS 'Model whose scores they are.';
COMMENT ON COLUMN sentiment_aggregates.model_version IS 'Its version.';
COMMENT ON COLUMN sentiment_aggregates.score IS 'Weighted mean of stories, -1 (bad) to 1 (good); null where none could be scored.';
COMMENT ON COLUMN sentiment_aggregates.dispersion IS 'Weighted standard deviation of the stories'' scores; null with fewer than two.';
COMMENT ON COLUMN sentiment_aggregates.disagreement IS '0: all stories that take a side take the same; 1: half against half; null where none takes one.';
COMMENT ON COLUMN sentiment_aggregates.effective_stories IS 'How many stories of equal weight it rests on as much as on these.';
COMMENT ON COLUMN sentiment_aggregates.texts IS 'Texts in the window, copies among them.';
COMMENT ON COLUMN sentiment_aggregates.stories IS 'Stories: texts and their copies count once.';
COMMENT ON COLUMN sentiment_aggregates.sources IS 'Outlets, subreddits and searches that told them.';
COMMENT ON COLUMN sentiment_aggregates.news IS 'Texts that are news.';
COMMENT ON COLUMN sentiment_aggregates.social IS 'Texts that are posts.';
COMMENT ON COLUMN sentiment_aggregates.positive IS 'Stories that are good.';
COMMENT ON COLUMN sentiment_aggregates.negative IS 'Stories that are bad.';
COMMENT ON COLUMN sentiment_aggregates.neutral IS 'Stories that are neither.';
COMMENT ON COLUMN sentiment_aggregates.unscored IS 'Stories that the model could not read, or has not.';
COMMENT ON COLUMN sentiment_aggregates.baseline_hours IS 'Windows of the same kind with a score that ended in the 7 days before.';
COMMENT ON COLUMN sentiment_aggregates.baseline_mean IS 'Mean of their scores; null with too few.';
COMMENT ON COLUMN sentiment_aggregates.change IS 'Score less that mean.';
COMMENT ON COLUMN sentiment_aggregates.zscore IS 'Change in standard deviations of those scores, of at least 0.05; null with too few of them.';
COMMENT ON COLUMN sentiment_aggregates.is_main IS 'Whether it is of the model to take where one is wanted: one that was added, else minilm, else linear, else lexicon.';
COMMENT ON COLUMN sentiment_aggregates.logic_version IS 'Version of the rules that put scores together.';
COMMENT ON COLUMN sentiment_aggregates.created_at IS 'When the present values were made.';
