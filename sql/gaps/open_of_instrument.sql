-- Open gaps of a data set of an instrument within a window that are due for a repair.
SELECT gap_start, gap_end, verifications
FROM gap_ledger
WHERE instrument_id = %(instrument_id)s AND dataset = %(dataset)s AND state = 'detected'
    AND gap_start < %(end)s AND gap_end > %(start)s AND coalesce(next_attempt_at, now()) <= now()
ORDER BY gap_start
