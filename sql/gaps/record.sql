INSERT INTO gap_ledger (instrument_id, dataset, gap_start, gap_end, state, detected_at, repaired_at, repaired_from,
    verifications, verified_at, reason, attempts, next_attempt_at)
VALUES (%(instrument_id)s, %(dataset)s, %(gap_start)s, %(gap_end)s, %(state)s, %(detected_at)s, %(repaired_at)s,
    %(repaired_from)s, %(verifications)s, %(verified_at)s, %(reason)s, %(attempts)s, %(next_attempt_at)s)
