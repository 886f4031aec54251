-- A venue did not answer for its own bars: it is asked again later, twice as late each time.
INSERT INTO coarse_ledger AS known (instrument_id, timeframe_id, attempts, error)
VALUES (%(instrument_id)s, %(timeframe_id)s, 1, %(error)s)
ON CONFLICT (instrument_id, timeframe_id) DO UPDATE SET attempts = known.attempts + 1, error = excluded.error, updated_at = now()
