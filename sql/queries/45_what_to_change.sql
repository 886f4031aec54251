-- What do the failures of patterns suggest to change?
-- A row per hint: exit_earlier, nearer_target, wider_invalidation, wait_for_more_confirmation where so large a share of the
-- failures failed that way, and more than by `chance`; only_in_regimes; leave_out; collect_more with the clusters wanted
-- until the rate seen would stand out. Hints follow from these very outcomes: questions for later data, not findings.
-- Change: the hint, the horizon.
SELECT f.timeframe, f.pattern, f.direction, f.regime, f.horizon, f.n, f.failures, f.hit_rate,
    h.hint ->> 'hint' AS hint,
    (h.hint ->> 'share')::double precision AS share, (h.hint ->> 'chance')::double precision AS chance,
    (h.hint ->> 'at_atr')::double precision AS at_atr, (h.hint ->> 'instead_of')::double precision AS instead_of,
    (h.hint ->> 'wanted')::bigint AS wanted_clusters, f.verdict
FROM pattern_failures AS f
CROSS JOIN LATERAL jsonb_array_elements(f.hints) AS h (hint)
WHERE f.regime = 'all' AND f.horizon = 10
ORDER BY f.timeframe, f.pattern, f.direction, hint;
