-- Signals of these venues ($1) known in a window ($2 to $3), in version $4 and configuration $5, at most $6 rows, with
-- everything that can be wrong of them as 0 or 1.
SELECT v.*, v.timeframe_id * 60 - extract(epoch FROM v.known_at - v.ts)::float8 AS off_close,
    abs(v.score - v.net * coalesce(v.confidence, 0)) AS score_error,
    (v.signal LIKE '%buy' AND v.score <= 0 OR v.signal LIKE '%sell' AND v.score >= 0)::integer AS wrong_side,
    (v.signal <> 'neutral' AND abs(v.score) < (k.configuration -> 'signals' ->> 'weak')::float8)::integer AS too_weak,
    (v.signal <> 'neutral' AND v.overridden_by IS NOT NULL)::integer AS overridden_yet_signalling,
    (v.signal <> 'neutral' AND jsonb_array_length(v.reasons -> 'counted') = 0)::integer AS without_reasons,
    (v.signal = 'neutral' AND num_nonnulls(
        v.stop, v.target, v.risk_atr, v.reward_risk, v.size, v.notional, v.risk, v.capped, v.expires_at) > 0)::integer
        AS neutral_with_a_plan,
    (v.signal <> 'neutral' AND v.expires_at IS NULL)::integer AS endless,
    coalesce((sign(v.entry - v.stop) <> sign(v.score))::integer, 0) AS stop_on_the_wrong_side,
    coalesce((sign(v.target - v.entry) <> sign(v.score))::integer, 0) AS target_on_the_wrong_side,
    coalesce(abs(v.size * abs(v.entry - v.stop) / v.risk - 1), 0) AS risk_error,
    coalesce(v.risk / (z.equity * z.risk_fraction), 0) AS share_of_risk,
    coalesce(v.notional / (z.equity * z.cap_fraction), 0) AS share_of_cap
FROM signal_events AS v
JOIN instruments AS i USING (instrument_id)
JOIN pattern_configurations AS k ON k.version = v.configuration_version
CROSS JOIN LATERAL jsonb_to_record(k.configuration -> 'sizing')
    AS z (equity double precision, risk_fraction double precision, cap_fraction double precision)
WHERE i.venue = ANY ($1) AND v.known_at >= $2 AND v.known_at < $3 AND v.ts >= $2 - INTERVAL '7 days' AND v.ts < $3
    AND v.logic_version = $4 AND v.configuration_version = $5
LIMIT $6
