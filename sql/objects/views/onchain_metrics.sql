CREATE OR REPLACE VIEW onchain_metrics AS
SELECT DISTINCT ON (provider, coin, metric, sampled, ts) provider, coin, metric, sampled, ts, value, unit, scheduled_at, known_at,
    min(known_at) OVER (PARTITION BY provider, coin, metric, sampled, ts) AS first_known_at, revision
FROM onchain_vintages
ORDER BY provider, coin, metric, sampled, ts, revision DESC;
COMMENT ON VIEW onchain_metrics IS 'What chains tell, as told last, by provider, coin and metric. What was known at a time is told by the function onchain_as_of. Days that are not over have no row.';
COMMENT ON COLUMN onchain_metrics.provider IS 'Who tells: blockchain_info, mempool_space, coinmetrics. Two providers of one metric count differently: choose one.';
COMMENT ON COLUMN onchain_metrics.coin IS 'Coin of the chain, as in instruments.base.';
COMMENT ON COLUMN onchain_metrics.metric IS 'What is told, in our words (docs/news.md).';
COMMENT ON COLUMN onchain_metrics.sampled IS 'day: of a whole UTC day; moment: as it was at ts.';
COMMENT ON COLUMN onchain_metrics.ts IS 'Start of the UTC day, or the moment, that it is about.';
COMMENT ON COLUMN onchain_metrics.value IS 'The figure, in its unit.';
COMMENT ON COLUMN onchain_metrics.unit IS 'TH/s, transactions, addresses, bytes, vB, USD, coins, blocks, sat, sat/vB, per cent, difficulty.';
COMMENT ON COLUMN onchain_metrics.scheduled_at IS 'When it could be told at the soonest: a day when it is over, a moment at once.';
COMMENT ON COLUMN onchain_metrics.known_at IS 'When we had this figure.';
COMMENT ON COLUMN onchain_metrics.first_known_at IS 'When we first had any figure of it.';
COMMENT ON COLUMN onchain_metrics.revision IS '0: never told otherwise.';
