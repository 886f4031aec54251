CREATE OR REPLACE FUNCTION register_instrument(p_venue text, p_symbol text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    pair text := split_part(p_symbol, ':', 1);
    settlement text := nullif(split_part(p_symbol, ':', 2), '');
    meant text;
    id integer;
BEGIN
    SELECT instrument_id INTO id FROM instruments WHERE venue = p_venue AND symbol = p_symbol;
    IF FOUND THEN
        RETURN id;
    END IF;
    PERFORM check_name('venue', p_venue, 64);
    PERFORM check_name('symbol', p_symbol, 64);
    IF p_symbol !~ '^[^/:\s]+/[^/:\s]+(:[^/:\s]+)?$' THEN
        RAISE EXCEPTION 'symbol "%" is not in the form BASE/QUOTE or BASE/QUOTE:SETTLE, for example BTC/USDT', p_symbol
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- the same name in other letters is no other venue
    SELECT venue INTO meant FROM venues WHERE lower(venue) = lower(p_venue) AND venue <> p_venue
        AND NOT EXISTS (SELECT FROM venues AS v WHERE v.venue = p_venue);
    IF FOUND THEN
        RAISE EXCEPTION 'venue "%" is known as "%"', p_venue, meant USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO venues (venue, description) VALUES (p_venue, 'known from imported files')
    ON CONFLICT (venue) DO NOTHING;
    INSERT INTO instruments (venue, symbol, kind, base, quote, settle)
    VALUES (
        p_venue, p_symbol,
        CASE WHEN settlement IS NULL THEN 'spot' WHEN settlement LIKE '%-%' THEN 'future' ELSE 'perpetual' END,
        split_part(pair, '/', 1), split_part(pair, '/', 2), settlement
    )
    ON CONFLICT (venue, symbol) DO NOTHING;
    SELECT instrument_id INTO STRICT id FROM instruments WHERE venue = p_venue AND symbol = p_symbol;
    RETURN id;
END $$;
COMMENT ON FUNCTION register_instrument(text, text) IS
    'Make an instrument known without tracking it; returns its instrument_id.';
