-- One row at most: of a perpetual its own leverage, of anything else that of the perpetual of its base with the most
-- open interest. `perpetual` says whose it is.
CREATE OR REPLACE FUNCTION leverage_of(p_instrument_id integer, p_at timestamptz)
RETURNS TABLE (
    perpetual_id integer, perpetual_venue text, perpetual text, leverage_at timestamptz, funding_annual double precision,
    funding_percentile double precision, funding_state text, crowding_percentile double precision,
    open_interest_change_24h double precision, price_change_24h double precision, quadrant text
)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT v.instrument_id, v.venue, v.symbol, v.ts, v.funding_annual, v.funding_percentile,
        CASE WHEN v.funding_percentile >= 0.95 THEN 'high' WHEN v.funding_percentile <= 0.05 THEN 'low'
            WHEN v.funding_percentile IS NOT NULL THEN 'usual' END,
        v.crowding_percentile, v.open_interest_change_24h, v.price_change_24h, v.quadrant
    FROM instruments AS i
    JOIN instruments AS p ON p.kind = 'perpetual' AND (p.instrument_id = i.instrument_id OR i.kind <> 'perpetual')
        AND p.base = i.base
    JOIN leverage_snapshots AS v ON v.instrument_id = p.instrument_id
    WHERE i.instrument_id = p_instrument_id AND v.ts = date_trunc('hour', p_at, 'UTC')
    ORDER BY v.open_interest_quote DESC NULLS LAST, v.instrument_id
    LIMIT 1
$$;
COMMENT ON FUNCTION leverage_of(integer, timestamptz) IS
    'Leverage known at the last whole hour before a moment: of the perpetual itself, else of the perpetual of the same base with the most open interest; no row where none is known. funding_state: high from the 95th percentile of its own 90 days, low up to the 5th, else usual.';
