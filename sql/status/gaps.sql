-- Gaps by venue and state.
SELECT venue, state, count(*) AS gaps, sum(minutes)::bigint AS minutes, max(minutes) AS longest_minutes
FROM candle_gaps
GROUP BY venue, state
ORDER BY venue, state
