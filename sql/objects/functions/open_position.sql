CREATE OR REPLACE FUNCTION open_position(
    p_account text, p_venue text, p_symbol text, p_side text, p_size double precision, p_entry double precision,
    p_leverage double precision DEFAULT NULL, p_margin_mode text DEFAULT NULL, p_opened_at timestamptz DEFAULT NULL,
    p_size_unit text DEFAULT 'base', p_contract_size double precision DEFAULT NULL, p_margin double precision DEFAULT NULL,
    p_maintenance_rate double precision DEFAULT NULL, p_maintenance_amount double precision DEFAULT NULL,
    p_note text DEFAULT NULL, p_source text DEFAULT 'sql', p_change boolean DEFAULT false
) RETURNS timestamptz
LANGUAGE plpgsql AS $$
DECLARE
    now_ timestamptz := clock_timestamp();
    i instruments;
    held positions;
    mode text;
    opened timestamptz;
BEGIN
    SELECT * INTO i FROM instruments WHERE venue = p_venue AND symbol = p_symbol;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no instrument % at %: make it known with alphapulse symbols add, or register_instrument(%, %)',
            p_symbol, p_venue, quote_literal(p_venue), quote_literal(p_symbol) USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF p_side NOT IN ('long', 'short') OR NOT p_size > 0 OR p_size = 'NaN' OR NOT p_entry > 0 OR p_entry = 'NaN' THEN
        RAISE EXCEPTION 'a position is long or short, of a size and an entry price above 0: not %, %, %', p_side, p_size, p_entry
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF p_opened_at > now_ THEN
        RAISE EXCEPTION 'opened at % is in the future', p_opened_at USING ERRCODE = 'invalid_parameter_value';
    END IF;
    mode := coalesce(p_margin_mode, CASE
            WHEN i.settle IS NULL THEN 'none' WHEN p_leverage IS NOT NULL OR p_margin IS NOT NULL THEN 'isolated' ELSE 'cross' END);
    IF (i.settle IS NULL) <> (mode = 'none') THEN
        RAISE EXCEPTION '% is %: its margin mode cannot be %', p_symbol, i.kind, mode USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF p_size_unit = 'contracts' AND coalesce(p_contract_size, (to_jsonb(i) ->> 'contract_size')::double precision) IS NULL THEN
        RAISE EXCEPTION 'how much a contract of % is, is not known: give the contract size', p_symbol
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('positions ' || p_account, 0));  -- two at once would both open it
    SELECT * INTO held FROM (
        SELECT DISTINCT ON (opened_at) * FROM positions
        WHERE account = p_account AND instrument_id = i.instrument_id AND side = p_side
        ORDER BY opened_at, ts DESC
    ) AS states WHERE size > 0;
    IF FOUND AND NOT p_change THEN
        RAISE EXCEPTION 'account % is % % % since %: close it, or change it', p_account, p_side, held.size, p_symbol,
            held.opened_at USING ERRCODE = 'invalid_parameter_value',
            HINT = 'p_change => true, or --change, adds its new state';
    ELSIF held.account IS NULL AND p_change THEN
        RAISE EXCEPTION 'account % holds no % position in % to change', p_account, p_side, p_symbol
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    opened := coalesce(held.opened_at, p_opened_at, now_);
    INSERT INTO positions (account, instrument_id, side, opened_at, ts, known_at, size, size_unit, contract_size, entry_price,
        leverage, margin_mode, margin, maintenance_rate, maintenance_amount, source, note)
    VALUES (p_account, i.instrument_id, p_side, opened, CASE WHEN held.account IS NULL THEN opened ELSE now_ END, now_,
        p_size, p_size_unit, p_contract_size, p_entry, p_leverage, mode, p_margin, p_maintenance_rate,
        p_maintenance_amount, p_source, p_note);
    RETURN opened;
END $$;
COMMENT ON FUNCTION open_position(
    text, text, text, text, double precision, double precision, double precision, text, timestamptz, text, double precision,
    double precision, double precision, double precision, text, text, boolean
) IS 'Enter a position, or with p_change the new state of one that is open; returns when it was opened. Also: alphapulse positions add.';
