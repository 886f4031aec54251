-- A repair was tried: the next one is due later, the more so the more were in vain (5 minutes, doubled, up to a day).
UPDATE gap_ledger
SET attempts = attempts + 1,
    next_attempt_at = now() + least(INTERVAL '1 day', INTERVAL '5 minutes' * power(2, least(attempts, 20)))
WHERE instrument_id = %(instrument_id)s AND dataset = %(dataset)s AND state = 'detected'
    AND gap_start < %(end)s AND gap_end > %(start)s
