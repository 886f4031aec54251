-- Success rates (version $1) of a configuration ($2) as of a moment ($3).
SELECT s.ts AS as_of, t.timeframe, s.family, s.pattern, s.direction, nullif(s.regime, '') AS regime, s.horizon, s.n,
    s.clusters, s.rate, s.low, s.high, s.base_rate, s.shrunk_rate, s.excess, s.configuration_version, s.logic_version
FROM pattern_success_rates AS s
JOIN timeframes AS t USING (timeframe_id)
WHERE s.logic_version = $1 AND s.configuration_version = $2 AND s.ts = $3
