-- Which buy and sell signals were given in the last day, and for which reasons?
-- A row per reason. counted: whether its vote went in, or was dropped as a higher timeframe overrides it or a surer pattern
-- of the same bar and shape votes for it (alike); vote: what it weighs;
-- sure: its own confidence; the plan (entry, stop, target, size) is repeated beside each.
-- Change: the signals, the window (also in ts, which is up to a week before known_at), a symbol.
SELECT s.venue, s.symbol, s.timeframe, s.known_at, s.signal, s.score, s.entry, s.stop, s.target, s.size, s.expires_at,
    r.counted, r.alike, r.reason ->> 'timeframe' AS of_timeframe,
    r.reason ->> 'family' AS family, r.reason ->> 'pattern' AS pattern,
    r.reason ->> 'direction' AS direction, (r.reason ->> 'confidence')::float8 AS sure, (r.reason ->> 'weight')::float8 AS vote,
    (r.reason ->> 'known_at')::timestamptz AS since
FROM signals AS s
CROSS JOIN LATERAL (
    SELECT true AS counted, false AS alike, value AS reason FROM jsonb_array_elements(s.reasons -> 'counted')
    UNION ALL
    SELECT false, true, value FROM jsonb_array_elements(s.reasons -> 'alike')
    UNION ALL
    SELECT false, false, value FROM jsonb_array_elements(s.reasons -> 'overridden')
) AS r
WHERE s.signal IN ('strong_buy', 'buy', 'sell', 'strong_sell')
    AND s.known_at > now() - INTERVAL '24 hours' AND s.known_at <= now()
    AND s.ts >= now() - INTERVAL '24 hours' - INTERVAL '7 days'
ORDER BY s.venue, s.symbol, s.known_at, s.timeframe, r.counted DESC, vote DESC, since, pattern;
