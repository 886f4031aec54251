-- Gaps of a data set of an instrument that touch a window.
SELECT gap_start, gap_end, state, detected_at, repaired_at, repaired_from, verifications, verified_at, reason, attempts,
    next_attempt_at
FROM gap_ledger
WHERE instrument_id = %(instrument_id)s AND dataset = %(dataset)s
    AND gap_start < %(end)s AND gap_end > %(start)s
ORDER BY gap_start
