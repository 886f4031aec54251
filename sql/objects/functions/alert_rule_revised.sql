-- A change of a rule that changes what it asks is a new revision: what was remembered is of another question.
CREATE OR REPLACE FUNCTION alert_rule_revised() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.expression, NEW.scope, NEW.instrument_id, NEW.watchlist_id, NEW.mode)
        IS DISTINCT FROM (OLD.expression, OLD.scope, OLD.instrument_id, OLD.watchlist_id, OLD.mode) THEN
        NEW.revision := OLD.revision + 1;
    END IF;
    IF NEW.expression IS DISTINCT FROM OLD.expression AND NEW.reads IS NOT DISTINCT FROM OLD.reads THEN
        NEW.reads := NULL;
        NEW.evaluator := NULL;
        NEW.problem := NULL;
    END IF;
    IF (to_jsonb(NEW) - '{reads,evaluator,problem,updated_at}'::text[])
        IS DISTINCT FROM (to_jsonb(OLD) - '{reads,evaluator,problem,updated_at}'::text[]) THEN
        NEW.updated_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION alert_rule_revised() IS 'Trigger of alert_rules: counts revisions and notes when a rule changed.';
CREATE OR REPLACE TRIGGER alert_rule_revised BEFORE UPDATE ON alert_rules
FOR EACH ROW EXECUTE FUNCTION alert_rule_revised();
