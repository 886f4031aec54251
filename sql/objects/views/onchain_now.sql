CREATE OR REPLACE VIEW onchain_now AS
SELECT n.provider, n.coin, n.metric, n.sampled, n.ts, n.value, n.unit, n.known_at, n.value / nullif(d.value, 0) - 1 AS day_change,
    n.value / nullif(w.value, 0) - 1 AS week_change, clock_timestamp() - n.scheduled_at AS age,
    clock_timestamp() - n.scheduled_at > CASE WHEN n.sampled = 'day' THEN INTERVAL '48 hours' ELSE INTERVAL '3 hours' END AS stale
FROM (
    SELECT DISTINCT ON (provider, coin, metric, sampled) *
    FROM onchain_vintages
    WHERE ts > now() - INTERVAL '720 hours'
    ORDER BY provider, coin, metric, sampled, ts DESC, revision DESC
) AS n
LEFT JOIN LATERAL (
    SELECT o.value FROM onchain_vintages AS o
    WHERE (o.provider, o.coin, o.metric, o.sampled) = (n.provider, n.coin, n.metric, n.sampled)
        AND o.ts <= n.ts - INTERVAL '24 hours' AND o.ts > n.ts - INTERVAL '26 hours'
    ORDER BY o.ts DESC, o.revision DESC LIMIT 1
) AS d ON true
LEFT JOIN LATERAL (
    SELECT o.value FROM onchain_vintages AS o
    WHERE (o.provider, o.coin, o.metric, o.sampled) = (n.provider, n.coin, n.metric, n.sampled)
        AND o.ts <= n.ts - INTERVAL '168 hours' AND o.ts > n.ts - INTERVAL '170 hours'
    ORDER BY o.ts DESC, o.revision DESC LIMIT 1
) AS w ON true;
COMMENT ON VIEW onchain_now IS 'The newest figure of each provider, coin and metric, how it has changed, and whether it is old; what has told nothing for thirty days has no row.';
COMMENT ON COLUMN onchain_now.provider IS 'Who tells.';
COMMENT ON COLUMN onchain_now.coin IS 'Coin of the chain.';
COMMENT ON COLUMN onchain_now.metric IS 'What is told.';
COMMENT ON COLUMN onchain_now.sampled IS 'day: of a whole UTC day; moment: as it was at ts.';
COMMENT ON COLUMN onchain_now.ts IS 'Start of the day, or the moment, that it is about.';
COMMENT ON COLUMN onchain_now.value IS 'The figure.';
COMMENT ON COLUMN onchain_now.unit IS 'Its unit.';
COMMENT ON COLUMN onchain_now.known_at IS 'When we had it.';
COMMENT ON COLUMN onchain_now.day_change IS 'Change since a day before, as a share; null where nothing is known of then.';
COMMENT ON COLUMN onchain_now.week_change IS 'Change since seven days before, as a share.';
COMMENT ON COLUMN onchain_now.age IS 'How long ago it could be told at the soonest.';
COMMENT ON COLUMN onchain_now.stale IS 'Whether nothing newer has come for longer than usual: two days of days, three hours of moments (ours). data_sources tells why.';
