CREATE OR REPLACE FUNCTION positions_at(p_at timestamptz)
RETURNS TABLE (
    account text, venue text, symbol text, base text, quote text, settle text, kind text, side text, size double precision,
    size_unit text, contract_size double precision, entry_price double precision, leverage double precision,
    margin_mode text, margin double precision, maintenance_rate double precision, maintenance_amount double precision,
    venue_liquidation_price double precision, opened_at timestamptz, ts timestamptz, known_at timestamptz, source text,
    note text, instrument_id integer
) LANGUAGE sql STABLE AS $$
    SELECT s.account, i.venue, i.symbol, i.base, i.quote, i.settle, i.kind, s.side, s.size, s.size_unit,
        coalesce(s.contract_size, i.contract_size), s.entry_price, s.leverage, s.margin_mode, s.margin, s.maintenance_rate,
        s.maintenance_amount, s.venue_liquidation_price, s.opened_at, s.ts, s.known_at, s.source, s.note, s.instrument_id
    FROM (
        SELECT DISTINCT ON (p.account, p.instrument_id, p.side, p.opened_at) p.* FROM positions AS p
        WHERE p.known_at <= p_at AND p.ts <= p_at
        ORDER BY p.account, p.instrument_id, p.side, p.opened_at, p.ts DESC
    ) AS s
    JOIN instruments AS i USING (instrument_id)
    WHERE s.size > 0
$$;
COMMENT ON FUNCTION positions_at(timestamptz) IS 'Positions that were open at a time, as they were known at that time.';
