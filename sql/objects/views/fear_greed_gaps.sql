CREATE OR REPLACE VIEW fear_greed_gaps AS
SELECT provider, ts + INTERVAL '24 hours' AS gap_start, after AS gap_end,
    (extract(epoch FROM after - ts) / 86400 - 1)::integer AS days
FROM (SELECT provider, ts, lead(ts) OVER (PARTITION BY provider ORDER BY ts) AS after FROM fear_greed) AS f
WHERE after > ts + INTERVAL '24 hours';
COMMENT ON VIEW fear_greed_gaps IS 'Stretches of days without a fear and greed index between days that have one: the provider did not tell, or they were not fetched (fetched_days tells which).';
COMMENT ON COLUMN fear_greed_gaps.provider IS 'Who tells: alternative_me.';
COMMENT ON COLUMN fear_greed_gaps.gap_start IS 'First day without a value.';
COMMENT ON COLUMN fear_greed_gaps.gap_end IS 'First day after that has one.';
COMMENT ON COLUMN fear_greed_gaps.days IS 'How many days are missing.';
