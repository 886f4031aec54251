CREATE OR REPLACE FUNCTION keep_history() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed, so that it stays known what was known when', TG_TABLE_NAME
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'add a row for the new state: open_position(..., p_change => true), close_position(...)';
END $$;
COMMENT ON FUNCTION keep_history() IS 'Trigger of positions: states are added, not changed.';
CREATE OR REPLACE TRIGGER keep_history BEFORE UPDATE ON positions
    FOR EACH ROW EXECUTE FUNCTION keep_history();
