SELECT s.instrument_id, t.timeframe_id, s.ts, s.known_at, s.score, s.entry, s.size, s.equity, s.logic_version,
    s.configuration_version, i.base, i.quote, r.version AS limits_version, r.account, r.equity AS limits_equity,
    r.max_symbol, r.max_leverage, r.max_value_at_risk, r.max_correlation, r.max_correlated
FROM signals AS s
JOIN timeframes AS t USING (timeframe)
JOIN instruments AS i USING (instrument_id)
CROSS JOIN LATERAL (
    SELECT * FROM risk_limits AS n WHERE n.known_at <= s.known_at ORDER BY n.known_at DESC, n.version DESC LIMIT 1
) AS r
WHERE s.known_at >= %(start)s AND s.known_at < %(end)s AND s.signal <> 'neutral' AND s.size > 0
    AND s.ts >= %(start)s - INTERVAL '7 days' AND s.ts < %(end)s
    AND (%(again)s OR NOT EXISTS (
        SELECT FROM signal_limits AS l
        WHERE l.instrument_id = s.instrument_id AND l.timeframe_id = t.timeframe_id AND l.ts = s.ts
            AND l.logic_version = s.logic_version AND l.configuration_version = s.configuration_version
            AND l.limits_version = r.version AND l.rules_version = %(rules_version)s
    ))
ORDER BY s.known_at, s.instrument_id, t.timeframe_id
LIMIT %(most)s
