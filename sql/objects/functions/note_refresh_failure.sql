CREATE OR REPLACE FUNCTION note_refresh_failure(
    p_timeframe text, p_instrument_id integer, p_day date, p_seq bigint, p_error text
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO refresh_failures AS f (timeframe, instrument_id, day, seq, error, next_attempt_at)
    VALUES (p_timeframe, p_instrument_id, p_day, p_seq, p_error, now() + INTERVAL '5 minutes')
    ON CONFLICT (timeframe, instrument_id, day) DO UPDATE SET
        error = excluded.error, seq = excluded.seq, failed_at = now(), resolved_at = NULL,
        attempts = CASE WHEN f.resolved_at IS NULL THEN f.attempts + 1 ELSE 1 END,
        next_attempt_at = now() + CASE WHEN f.resolved_at IS NULL
            THEN least(INTERVAL '1 day', INTERVAL '5 minutes' * power(2, least(f.attempts, 20)))
            ELSE INTERVAL '5 minutes' END
$$;
COMMENT ON FUNCTION note_refresh_failure(text, integer, date, bigint, text) IS
    'Note that a day could not be refreshed and when to try again: after 5 minutes, doubled up to a day.';
