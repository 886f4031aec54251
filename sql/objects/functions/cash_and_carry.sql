-- Fees are arguments, as everybody pays others: shares of the value of one side of a trade (0.001 is 0.1 %).
CREATE OR REPLACE FUNCTION cash_and_carry(
    p_spot_fee double precision, p_perpetual_fee double precision, p_days double precision DEFAULT 30,
    p_over interval DEFAULT '7 days', p_at timestamptz DEFAULT now()
)
RETURNS TABLE (
    base text, perpetual_venue text, perpetual text, spot_venue text, spot text, as_of timestamptz, settlements bigint,
    funding_annual double precision, basis double precision, fees_annual double precision, net_annual double precision,
    net_with_basis_annual double precision, break_even_days double precision, side text, perpetual_id integer,
    spot_id integer
)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH now_at AS (
        SELECT date_trunc('hour', p_at, 'UTC') AS ts, 2 * (p_spot_fee + p_perpetual_fee) AS fees
    ), perpetuals AS (
        SELECT i.instrument_id, i.venue, i.symbol, i.base, i.quote, v.price, p.settlements, p.funding
        FROM now_at AS n
        JOIN leverage_snapshots AS v ON v.ts = n.ts
        JOIN instruments AS i ON i.instrument_id = v.instrument_id
        CROSS JOIN LATERAL (
            SELECT count(*) AS settlements, sum(f.rate) * 8760 / sum(f.interval_hours) AS funding
            FROM funding_settlements AS f
            WHERE f.instrument_id = v.instrument_id AND f.ts > p_at - p_over AND f.ts <= p_at AND f.known_at <= p_at
                AND f.interval_hours > 0
        ) AS p
        WHERE p.settlements > 0 AND v.price > 0
    )
    SELECT p.base, p.venue, p.symbol, s.venue, s.symbol, n.ts, p.settlements, abs(p.funding),
        p.price / b.close - 1,
        n.fees * 365 / p_days,
        abs(p.funding) - n.fees * 365 / p_days,
        abs(p.funding) - n.fees * 365 / p_days
        + CASE WHEN p.funding >= 0 THEN 1 ELSE -1 END * (p.price / b.close - 1) * 365 / p_days,
        greatest(n.fees, 0) * 365 / nullif(abs(p.funding), 0),
        CASE WHEN p.funding >= 0 THEN 'long spot, short perpetual' ELSE 'short spot, long perpetual' END,
        p.instrument_id, s.instrument_id
    FROM perpetuals AS p
    CROSS JOIN now_at AS n
    JOIN instruments AS s ON s.kind = 'spot' AND s.base = p.base AND s.quote = p.quote
    JOIN ohlcv_1h AS b ON b.instrument_id = s.instrument_id AND b.ts = n.ts - INTERVAL '1 hour'
    WHERE b.close > 0
$$;
COMMENT ON FUNCTION cash_and_carry(double precision, double precision, double precision, interval, timestamptz) IS
    'What spot against an equal and opposite perpetual would earn by the year if funding stayed at its mean of the last p_over, held for p_days: every perpetual with every spot market of the same base and quote, as known at p_at. funding_annual is what the perpetual''s side receives; fees_annual are of both legs, in and out; net_annual is funding less fees; net_with_basis_annual adds the basis (perpetual over spot less 1), should it be gone at the end. Margin, borrowing and slippage are not in it.';
