-- Probabilities are made of confidences, so whatever makes these due makes them due too: candles, sentiment, success rates.
CREATE OR REPLACE FUNCTION probabilities_follow_signals() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO derived_dirty (dataset, instrument_id, day)
    VALUES ('event_probabilities', new.instrument_id, new.day)
    ON CONFLICT (dataset, instrument_id, day)
    DO UPDATE SET seq = nextval(pg_get_serial_sequence('derived_dirty', 'seq'));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION probabilities_follow_signals() IS
    'Note that confidences of a day are computed anew, so that probabilities are too.';
CREATE OR REPLACE TRIGGER probabilities_follow_signals AFTER INSERT OR UPDATE ON derived_dirty
FOR EACH ROW WHEN (new.dataset = 'signals') EXECUTE FUNCTION probabilities_follow_signals();
