-- Which minutes are missing, and why?
-- gap_start to gap_end (exclusive), minutes: its length; state: detected (open) or venue_had_none (verified);
-- asked: the sources that answered without these minutes; next_attempt_at: when it is tried again.
-- Change: the window. Repaired gaps are not missing any more: drop the second condition to see them too.
SELECT venue, symbol, gap_start, gap_end, minutes, state,
    (SELECT string_agg(DISTINCT v ->> 'source', ', ') FROM jsonb_array_elements(verifications) AS v) AS asked,
    reason, attempts, next_attempt_at
FROM candle_gaps
WHERE gap_end > now() - 30 * INTERVAL '24 hours' AND state <> 'repaired'
ORDER BY minutes DESC, venue, symbol, gap_start;
