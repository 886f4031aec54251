CREATE OR REPLACE FUNCTION rename_symbol(p_venue text, p_symbol text, p_successor text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    successor integer := register_instrument(p_venue, p_successor);
BEGIN
    UPDATE instruments SET successor_id = successor WHERE venue = p_venue AND symbol = p_symbol;
    IF NOT FOUND THEN
        RAISE EXCEPTION '% % is not known', p_venue, p_symbol USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN successor;
END $$;
COMMENT ON FUNCTION rename_symbol(text, text, text) IS
    'Record that a symbol goes on under another name; both keep their own history.';
