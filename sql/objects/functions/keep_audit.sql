CREATE OR REPLACE FUNCTION keep_audit() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only added, never changed or removed', TG_TABLE_NAME
        USING ERRCODE = 'invalid_parameter_value';
END $$;
COMMENT ON FUNCTION keep_audit() IS 'Trigger of trading_audit: what happened stays written.';
CREATE OR REPLACE TRIGGER keep_audit BEFORE UPDATE OR DELETE ON trading_audit
    FOR EACH ROW EXECUTE FUNCTION keep_audit();
