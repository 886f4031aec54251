CREATE OR REPLACE VIEW fear_greed AS
SELECT DISTINCT ON (provider, ts) provider, ts, value, classification, scheduled_at, known_at,
    min(known_at) OVER (PARTITION BY provider, ts) AS first_known_at, revision
FROM fear_greed_vintages
ORDER BY provider, ts, revision DESC;
COMMENT ON VIEW fear_greed IS 'Fear and greed index by day, as told last. What was known at a time is told by the function fear_greed_as_of. Source: alternative.me.';
COMMENT ON COLUMN fear_greed.provider IS 'Who tells: alternative_me.';
COMMENT ON COLUMN fear_greed.ts IS 'Day that it is of (UTC midnight of it).';
COMMENT ON COLUMN fear_greed.value IS '0 (extreme fear) to 100 (extreme greed).';
COMMENT ON COLUMN fear_greed.classification IS 'extreme_fear, fear, neutral, greed or extreme_greed, as the provider calls it.';
COMMENT ON COLUMN fear_greed.scheduled_at IS 'When it was to be published: about the start of its day, of what was before. What a study of the past has to go by that takes today''s history for what was told then.';
COMMENT ON COLUMN fear_greed.known_at IS 'When we had this value.';
COMMENT ON COLUMN fear_greed.first_known_at IS 'When we first had any value of the day.';
COMMENT ON COLUMN fear_greed.revision IS '0: never told otherwise.';
