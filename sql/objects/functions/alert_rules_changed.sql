-- Who evaluates rules looks at this count each second.
CREATE OR REPLACE FUNCTION alert_rules_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE alert_rules_version SET version = version + 1;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION alert_rules_changed() IS 'Trigger of rules and watchlists: tells their evaluators to read them again.';
CREATE OR REPLACE TRIGGER alert_rules_changed AFTER INSERT OR DELETE
OR UPDATE OF name, scope, instrument_id, watchlist_id, expression, mode, cool_down, severity, expires_at, sinks, enabled
ON alert_rules FOR EACH STATEMENT EXECUTE FUNCTION alert_rules_changed();
CREATE OR REPLACE TRIGGER alert_rules_changed AFTER INSERT OR UPDATE OR DELETE ON watchlist_symbols
FOR EACH STATEMENT EXECUTE FUNCTION alert_rules_changed();
