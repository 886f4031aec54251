-- A venue has answered for its own bars of a stretch of time: what it answered for grows where the stretch touches it. An
-- earlier beginning is a new one, from which it is asked for all again. What lies beyond a hole does not count.
INSERT INTO coarse_ledger AS known (instrument_id, timeframe_id, fetched_from, fetched_until, rows, quarantined)
VALUES (%(instrument_id)s, %(timeframe_id)s, %(start)s, %(end)s, %(rows)s, %(bad)s)
ON CONFLICT (instrument_id, timeframe_id) DO UPDATE SET
    fetched_from = CASE
        WHEN known.fetched_from IS NULL OR excluded.fetched_from < known.fetched_from THEN excluded.fetched_from
        ELSE known.fetched_from END,
    fetched_until = CASE
        WHEN known.fetched_from IS NULL OR excluded.fetched_from < known.fetched_from
            AND excluded.fetched_until < known.fetched_from THEN excluded.fetched_until
        WHEN excluded.fetched_from <= known.fetched_until THEN greatest(known.fetched_until, excluded.fetched_until)
        ELSE known.fetched_until END,
    rows = known.rows + excluded.rows, quarantined = known.quarantined + excluded.quarantined, attempts = 0, error = NULL,
    updated_at = now()
