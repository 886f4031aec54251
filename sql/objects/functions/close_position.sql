CREATE OR REPLACE FUNCTION close_position(
    p_account text, p_venue text, p_symbol text, p_side text, p_exit double precision DEFAULT NULL,
    p_closed_at timestamptz DEFAULT NULL, p_note text DEFAULT NULL, p_source text DEFAULT 'sql'
) RETURNS timestamptz
LANGUAGE plpgsql AS $$
DECLARE
    now_ timestamptz := clock_timestamp();
    held positions;
    closed timestamptz := coalesce(p_closed_at, now_);
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('positions ' || p_account, 0));
    SELECT * INTO held FROM (
        SELECT DISTINCT ON (p.opened_at) p.* FROM positions AS p
        JOIN instruments AS i USING (instrument_id)
        WHERE p.account = p_account AND i.venue = p_venue AND i.symbol = p_symbol AND p.side = p_side
        ORDER BY p.opened_at, p.ts DESC
    ) AS states WHERE size > 0;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'account % holds no % position in % at %', p_account, p_side, p_symbol, p_venue
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF closed <= held.ts OR closed > now_ THEN
        RAISE EXCEPTION 'closed at % is not after its last state of %, or in the future', closed, held.ts
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO positions (account, instrument_id, side, opened_at, ts, known_at, size, size_unit, contract_size, entry_price,
        leverage, margin_mode, margin, maintenance_rate, maintenance_amount, closed_at, exit_price, source, note)
    VALUES (held.account, held.instrument_id, held.side, held.opened_at, closed, now_, 0, held.size_unit, held.contract_size,
        held.entry_price, held.leverage, held.margin_mode, held.margin, held.maintenance_rate, held.maintenance_amount,
        closed, p_exit, p_source, coalesce(p_note, held.note));
    RETURN held.opened_at;
END $$;
COMMENT ON FUNCTION close_position(text, text, text, text, double precision, timestamptz, text, text) IS
    'Enter that a position was closed; returns when it had been opened. Also: alphapulse positions close.';
