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
    coalesce(abs(v.size * abs(v.entry - v.stop) - v.risk) / z.equity, 0) AS risk_error,
    coalesce(v.risk / (z.equity * z.risk_fraction), 0) AS share_of_risk,
    coalesce(v.notional / (z.equity * z.cap_fraction), 0) AS share_of_cap,
    coalesce(abs(abs(v.entry - v.stop) / v.atr - v.risk_atr), 0) AS risk_atr_error,
    coalesce(abs(abs(v.target - v.entry) / abs(v.entry - v.stop) - v.reward_risk), 0) AS reward_error,
    -- a tick to be on one, and one beyond the pattern's level
    coalesce((abs(v.entry - v.stop) < (g.nearest_stop_atr - 1e-9) * v.atr)::integer, 0) AS stop_too_near,
    coalesce((abs(v.entry - v.stop) > (g.farthest_stop_atr + 1e-9) * v.atr + 2 * coalesce(v.tick_size, 0))::integer, 0)
        AS stop_too_far,
    coalesce((abs(v.target - v.entry) > (1 + 1e-9) * g.reach * v.atr
        * sqrt(greatest(extract(epoch FROM v.expires_at - v.known_at)::float8, 0) / (60 * v.timeframe_id)))::integer, 0)
        AS out_of_reach,
    coalesce((abs(v.stop / v.tick_size - round(v.stop / v.tick_size)) > 1e-4
        OR abs(v.target / v.tick_size - round(v.target / v.tick_size)) > 1e-4)::integer, 0) AS off_the_tick,
    (v.signal NOT LIKE 'weak%' AND v.signal <> 'neutral' AND (v.evidence < g.confirming OR v.against IS NOT NULL
        OR NOT coalesce(v.reward_risk >= g.least_reward, false)))::integer AS stronger_than_it_may_be,
    (v.signal LIKE 'weak%' AND v.size > 0)::integer AS weak_yet_sized,
    (v.risk_limited_by IS NULL AND v.risk < (1 - 1e-9) * z.equity * z.risk_fraction)::integer AS less_risk_without_reason
FROM signal_events AS v
JOIN instruments AS i USING (instrument_id)
JOIN pattern_configurations AS k ON k.version = v.configuration_version
CROSS JOIN LATERAL jsonb_to_record(k.configuration -> 'sizing')
    AS z (equity double precision, risk_fraction double precision, cap_fraction double precision)
CROSS JOIN LATERAL jsonb_to_record(k.configuration -> 'signals') AS g (
    nearest_stop_atr double precision, farthest_stop_atr double precision, reach double precision, confirming integer,
    least_reward double precision
)
WHERE i.venue = ANY ($1) AND v.known_at >= $2 AND v.known_at < $3 AND v.ts >= $2 - INTERVAL '7 days' AND v.ts < $3
    AND v.logic_version = $4 AND v.configuration_version = $5
LIMIT $6
