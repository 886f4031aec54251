-- One way to make a rule for SQL, the command line and the API. The expression is read by who evaluates it: what is wrong
-- with one that was made in SQL is in alert_rules.problem within a second.
CREATE OR REPLACE FUNCTION create_alert_rule(
    p_name text, p_expression text, p_venue text DEFAULT NULL, p_symbol text DEFAULT NULL, p_watchlist text DEFAULT NULL,
    p_mode text DEFAULT 'crossing', p_cool_down interval DEFAULT NULL, p_expires_at timestamptz DEFAULT NULL,
    p_sinks text[] DEFAULT NULL, p_severity text DEFAULT 'warning', p_created_by text DEFAULT 'sql',
    p_enabled boolean DEFAULT true
) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    instrument integer;
    list integer;
    made integer;
BEGIN
    IF p_symbol IS NOT NULL AND p_watchlist IS NOT NULL OR (p_symbol IS NULL) <> (p_venue IS NULL) THEN
        RAISE EXCEPTION 'a rule is of one symbol (venue and symbol), of a watchlist, or, with neither, of all tracked symbols'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF p_symbol IS NOT NULL THEN
        SELECT i.instrument_id INTO instrument FROM instruments AS i WHERE i.venue = p_venue AND i.symbol = p_symbol;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'there is no instrument % at %: make it known with alphapulse symbols add', p_symbol, p_venue
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
    ELSIF p_watchlist IS NOT NULL THEN
        SELECT w.watchlist_id INTO list FROM watchlists AS w WHERE lower(w.name) = lower(p_watchlist);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'there is no watchlist %: make it with alphapulse watchlists add', p_watchlist
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
    END IF;
    IF p_expires_at <= clock_timestamp() THEN
        RAISE EXCEPTION 'the rule would have expired already, at %', p_expires_at USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF EXISTS (SELECT FROM alert_rules AS r WHERE lower(r.name) = lower(btrim(p_name))) THEN
        RAISE EXCEPTION 'there is a rule called % already', btrim(p_name) USING ERRCODE = 'unique_violation';
    END IF;
    INSERT INTO alert_rules (name, scope, instrument_id, watchlist_id, expression, mode, cool_down, severity, expires_at,
        sinks, enabled, created_by)
    VALUES (btrim(p_name), CASE WHEN instrument IS NOT NULL THEN 'symbol' WHEN list IS NOT NULL THEN 'watchlist' ELSE 'tracked' END,
        instrument, list, p_expression, p_mode,
        coalesce(p_cool_down, CASE p_mode WHEN 'level' THEN INTERVAL '1 hour' ELSE INTERVAL '0' END), p_severity,
        p_expires_at, p_sinks, p_enabled, p_created_by)
    RETURNING rule_id INTO made;
    RETURN made;
END $$;
COMMENT ON FUNCTION create_alert_rule(
    text, text, text, text, text, text, interval, timestamptz, text[], text, text, boolean
) IS 'Make an alert rule of one symbol, of a watchlist or, with neither, of all tracked symbols; returns its number. Also: alphapulse alerts rules add.';
